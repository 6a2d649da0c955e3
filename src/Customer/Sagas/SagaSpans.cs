using System.Diagnostics;
using BookSaga.Hosting;

namespace BookSaga.Customer.Sagas;

/// <content>What a drive tells about itself: a span for itself and for each command, and its numbers at the end.</content>
internal abstract partial class Saga<TState, TCommand>
{
    private Activity? StartSpan(TState saga)
    {
        Activity? span = Definition.BeginsTrace && saga.Epoch == 1 ? SagaTrace.StartRoot(saga.Id, Definition.Name) : SagaTrace.Start(saga.Id, Definition.Name);
        return span?.SetTag("booksaga.epoch", saga.Epoch);
    }

    private Task<Outcome> AskAsync(TState saga, TCommand command) => SagaTrace.IsOn ? AskTracedAsync(saga, command) : SendAsync(saga, command);

    private async Task<Outcome> AskTracedAsync(TState saga, TCommand command)
    {
        using Activity? span = SagaTrace.Start(saga.Id, command.ToString(), ActivityKind.Client);
        try
        {
            Outcome outcome = await SendAsync(saga, command);
            span.SetOutcome(outcome.Done ? "done" : "refused", outcome.Reason);
            return outcome;
        }
        catch (Exception e)
        {
            span?.SetStatus(ActivityStatusCode.Error, e.Message);
            throw;
        }
    }

    private void Observe(TState saga, SagaEnd end, bool finished, Activity? span)
    {
        string outcome = !finished ? "superseded" : end.FailedReason is null ? Definition.Succeeded : Definition.Failed;
        span.SetOutcome(outcome, end.FailedReason);
        if (finished)
        {
            SagaMetrics.Finished(Definition.Name, outcome, end.FailedReason, saga.Epoch, time.GetUtcNow() - saga.CreatedAt);
        }
    }
}
