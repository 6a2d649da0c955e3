using BookSaga.Contracts.Queues;

namespace BookSaga.Hosting.Tests.Events;

/// <summary>What every transport keeps, between real processes' parts on real servers.</summary>
public abstract class TransportContract(Servers servers, bool broker)
{
    [Fact]
    public async Task Every_event_takes_effect_once_and_they_come_in_the_order_in_which_they_were_recorded()
    {
        await using Wire wire = await Wire.OpenAsync(servers, broker);

        await wire.RecordAsync(1, 1000);
        await wire.ArrivedAsync(1000);

        wire.Consumer.Came.ShouldBe(Enumerable.Range(1, 1000));
    }

    [Fact]
    public async Task Replicas_of_both_sides_that_start_at_once_share_the_work()
    {
        await using Wire wire = await Wire.CreateAsync(servers, broker);
        await wire.AddReceiverAsync();
        await Task.WhenAll(wire.AddReceiverAsync(), wire.AddSenderAsync(), wire.AddReceiverAsync(), wire.AddSenderAsync());

        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => wire.RecordAsync(i * 200, 200)));

        await wire.ArrivedAsync(2000);
    }

    [Fact]
    public async Task Events_for_a_service_that_is_away_wait_for_it()
    {
        await using Wire wire = await Wire.CreateAsync(servers, broker);
        await wire.AddSenderAsync();
        await wire.RecordAsync(1, 300);

        await wire.AddReceiverAsync();
        await wire.ArrivedAsync(300);

        wire.Consumer.Came.ShouldBe(Enumerable.Range(1, 300));
    }

    [Fact]
    public async Task An_event_whose_consumer_had_not_committed_when_its_process_ended_comes_again()
    {
        await using Wire wire = await Wire.CreateAsync(servers, broker);
        Peer receiver = await wire.AddReceiverAsync();
        await wire.AddSenderAsync();
        var reached = new TaskCompletionSource();
        wire.Consumer.Before = _ =>
        {
            reached.TrySetResult();
            return Task.FromException(new TimeoutException("the database does not answer"));
        };
        await wire.RecordAsync(1, 1);
        await reached.Task.InTimeAsync();
        await wire.StopAsync(receiver);
        (await wire.EffectsAsync()).ShouldBe(0);

        wire.Consumer.Before = static _ => Task.CompletedTask;
        await wire.AddReceiverAsync();

        await wire.ArrivedAsync(1);
    }

    [Fact]
    public async Task An_event_whose_acknowledgement_is_lost_comes_again_and_takes_effect_once()
    {
        await using Wire wire = await Wire.OpenAsync(servers, broker);
        int lost = 3;
        wire.Consumer.After = _ => Interlocked.Decrement(ref lost) >= 0 ? Task.FromException(new TimeoutException("lost")) : Task.CompletedTask;

        await wire.RecordAsync(1, 10);
        await Until.TrueAsync(() => wire.Consumer.Came.Count > 10);
        await wire.ArrivedAsync(10);

        wire.Consumer.Came.Count.ShouldBeGreaterThan(10);
    }

    [Fact]
    public async Task While_something_is_away_that_will_come_back_events_wait_and_none_is_refused()
    {
        await using Wire wire = await Wire.OpenAsync(servers, broker);
        wire.Consumer.Before = static _ => Task.FromException(new TimeoutException("the database does not answer"));
        await wire.RecordAsync(1, 5);
        await Until.TrueAsync(() => wire.Consumer.Came.Count(n => n == 1) > 3);

        (await wire.DeadLettersAsync()).ShouldBeEmpty();
        wire.Consumer.Before = static _ => Task.CompletedTask;

        await wire.ArrivedAsync(5);
    }

    [Theory]
    [InlineData(Consumer.Happened, "InvalidOperationException: poison")]
    [InlineData("sender.unheard-of.v1", "no handler for sender.unheard-of.v1")]
    public async Task An_event_that_is_refused_again_and_again_holds_up_no_other_and_is_a_dead_letter_with_its_reason(string type, string reason)
    {
        await using Wire wire = await Wire.OpenAsync(servers, broker);
        wire.Consumer.Before = number => number == 0 ? Task.FromException(new InvalidOperationException("poison")) : Task.CompletedTask;
        await wire.RecordAsync(0, 1, type);
        await wire.RecordAsync(1, 100);

        await Until.TrueAsync(async () => await wire.EffectsAsync() == 100);
        await Until.TrueAsync(async () => (await wire.DeadLettersAsync()).Count == 1);

        (Peer peer, DeadLetter letter) = (await wire.DeadLettersAsync()).Single();
        letter.LastError.ShouldBe(reason);
        letter.Type.ShouldBe(type);
        letter.Queue.ShouldBe("receiver");
        letter.Attempts.ShouldBeGreaterThanOrEqualTo(5);
        QueueList queues = await peer.Queues.DescribeAsync(new DescribeQueues(), peer.Call);
        Queue queue = queues.Queues.Single(q => q.Name == "receiver");
        (queue.Waiting, queue.Refused, queue.Dead, queue.LastError).ShouldBe((1, 1, 1, reason));
    }

    [Fact]
    public async Task A_dead_letter_that_is_replayed_takes_effect_when_its_cause_is_gone_and_stays_one_when_it_is_not()
    {
        await using Wire wire = await Wire.OpenAsync(servers, broker);
        wire.Consumer.Before = static _ => Task.FromException(new InvalidOperationException("poison"));
        await wire.RecordAsync(0, 1);
        await Until.TrueAsync(async () => (await wire.DeadLettersAsync()).Count == 1);
        (Peer peer, DeadLetter letter) = (await wire.DeadLettersAsync()).Single();
        var replay = new ReplayDeadLetters { Ids = { letter.Id, "nobody's" } };

        (await peer.Queues.ReplayAsync(replay, peer.Call)).Count.ShouldBe(1);
        await Until.TrueAsync(async () => (await wire.DeadLettersAsync()).Count == 1);
        (await wire.EffectsAsync()).ShouldBe(0);
        wire.Consumer.Before = static _ => Task.CompletedTask;
        (await peer.Queues.ReplayAsync(replay, peer.Call)).Count.ShouldBe(1);

        await wire.ArrivedAsync(1);
        (await wire.DeadLettersAsync()).ShouldBeEmpty();
    }
}

public sealed class DirectTransportTests(Servers servers) : TransportContract(servers, broker: false);

public sealed class BrokerTransportTests(Servers servers) : TransportContract(servers, broker: true);
