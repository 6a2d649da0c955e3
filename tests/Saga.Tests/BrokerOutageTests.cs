using System.Net;

namespace BookSaga.Saga.Tests;

/// <summary>The broker is killed while clients book.</summary>
public sealed class BrokerOutageTests(BrokerWorld world) : IClassFixture<BrokerWorld>
{
    private const int Clients = 30;
    private const int Bookings = 3;

    [Fact]
    public async Task Without_the_broker_bookings_go_on_and_every_outcome_is_told_once_when_it_is_back()
    {
        await world.UseAsync("Orchestration");
        (long before, _) = await world.ReceivedAsync();
        await world.Broker.KillAsync();

        HttpStatusCode[] answers = await BookAsync();

        answers.ShouldAllBe(status => status == HttpStatusCode.OK);
        (await world.WaitingAsync()).ShouldBe(Clients * Bookings);
        await world.Broker.StartAgainAsync();
        await world.DrainedAsync(before + (Clients * Bookings));
        await world.AuditAsync();
    }

    [Fact]
    public async Task Bookings_by_events_that_lose_the_broker_under_way_end_in_the_kernel_and_agree_and_go_on_when_it_is_back()
    {
        await world.UseAsync("Choreography");
        (long before, _) = await world.ReceivedAsync();
        Task<HttpStatusCode[]> answers = BookAsync();
        await world.Broker.CloseConnectionsAsync();
        await world.Broker.KillAsync();

        // Paid before it happened, or given up at the deadline with everything undone: nobody waits for the broker.
        (await answers).ShouldAllBe(status => status == HttpStatusCode.OK || status == HttpStatusCode.ServiceUnavailable || status == HttpStatusCode.Accepted);
        await world.QuietAsync();
        await world.Broker.StartAgainAsync();
        await world.DrainedAsync(before + (Clients * Bookings));
        await world.AuditAsync();

        (await BookAsync()).ShouldAllBe(status => status == HttpStatusCode.OK);
        await world.DrainedAsync(before + (2 * Clients * Bookings));
        await world.AuditAsync();
    }

    // Every client books one offer after the other, all clients at once.
    private async Task<HttpStatusCode[]> BookAsync()
    {
        var answers = new List<HttpStatusCode>();
        await Parallel.ForEachAsync(Enumerable.Range(0, Clients), new ParallelOptions { MaxDegreeOfParallelism = Clients }, async (_, _) =>
        {
            TestUser client = await world.ClientAsync(Bookings);
            for (int i = 0; i < Bookings; i++)
            {
                using HttpResponseMessage answer = await world.BookAsync(client, await world.OfferAsync(1m));
                lock (answers)
                {
                    answers.Add(answer.StatusCode);
                }
            }
        });
        return [.. answers];
    }
}
