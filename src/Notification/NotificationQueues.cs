using BookSaga.Contracts.Queues;
using BookSaga.Notification.Sending;
using BookSaga.Notification.Webhooks;
using Grpc.Core;

namespace BookSaga.Notification;

/// <summary>This service's queues together: mails and webhooks.</summary>
internal sealed class NotificationQueues(MailQueues mails, WebhookQueues webhooks) : Queues.QueuesBase
{
    public override async Task<QueueList> Describe(DescribeQueues request, ServerCallContext context)
    {
        QueueList list = await mails.Describe(request, context);
        list.Queues.Add(await webhooks.DescribeAsync(context.CancellationToken));
        return list;
    }

    public override async Task<DeadLetterList> DeadLetters(ListDeadLetters request, ServerCallContext context)
    {
        DeadLetterList list = await mails.DeadLetters(request, context);
        list.Letters.Add(await webhooks.DeadLettersAsync(request.Limit, context.CancellationToken));
        return new DeadLetterList { Letters = { list.Letters.OrderBy(letter => letter.CreatedAt).Take(request.Limit) } };
    }

    // Ids of one queue are none of the other's.
    public override async Task<Replayed> Replay(ReplayDeadLetters request, ServerCallContext context)
    {
        Replayed replayed = await mails.Replay(request, context);
        replayed.Count += await webhooks.ReplayAsync(request.Ids);
        return replayed;
    }
}
