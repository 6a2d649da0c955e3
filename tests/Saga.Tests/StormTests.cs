using System.Globalization;
using System.Net;
using System.Text.Json;
using BookSaga.Hosting.Data;
using Grpc.Core;

namespace BookSaga.Saga.Tests;

/// <summary>
/// Everything at once: few offers and few clients, calls and replies that are lost or late, cut connections, hang-ups, repeats, withdrawals
/// and cancellations by both sides. Its choices come from a seed that it prints; <c>BOOKSAGA_STORM_SEED</c> makes them again.
/// </summary>
public sealed class StormTests(StormWorld world, ITestOutputHelper output) : IClassFixture<StormWorld>
{
    private const int Workers = 25;
    private const int BookingsEach = 8;
    private readonly int _seed = int.TryParse(Environment.GetEnvironmentVariable("BOOKSAGA_STORM_SEED"), CultureInfo.InvariantCulture, out int seed) ? seed : Random.Shared.Next();

    [Fact]
    public async Task Whatever_goes_wrong_in_a_storm_money_offers_and_answers_agree_after_it()
    {
        output.WriteLine($"BOOKSAGA_STORM_SEED={_seed}");
        long[] offers = await Task.WhenAll(Enumerable.Range(0, 70).Select(i => world.OfferAsync(1m + (i % 5), inHours: i % 3 == 0 ? 2 : 48)));
        TestUser[] clients = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => world.ClientAsync(i * 6)));
        var sky = new Random(_seed);
        world.Faults.Weather = () => WeatherAsync(sky);

        Task<List<Told>>[] workers = [.. Enumerable.Range(1, Workers).Select(i => WorkAsync(new Random(_seed + i), offers, clients))];
        Task lightning = LightningAsync(new Random(_seed - 1), Task.WhenAll(workers));
        List<Told> told = [.. (await Task.WhenAll(workers)).SelectMany(t => t)];
        await lightning;
        world.Faults.Weather = static () => Task.CompletedTask;

        output.WriteLine(string.Join(", ", told.CountBy(t => t.Status).Select(c => $"{c.Value} x {c.Key}")));
        await world.AuditAsync();
        told.ShouldContain(t => t.Status == HttpStatusCode.OK);
        foreach (Told answer in told.Where(t => t.Booking is not null))
        {
            string? status = await world.CustomerDb.Db.QueryFirstAsync("SELECT status FROM booking WHERE id = $1", r => r.GetString(0), default, answer.Booking!.Value);
            (status is "paid" or "cancelled").ShouldBe(answer.Status == HttpStatusCode.OK, $"{answer} is {status}");
        }
    }

    // Before a call its loss, after it the loss of its reply; a delay up to beyond the call's time-out, so that late calls act after their drivers.
    private static async Task WeatherAsync(Random sky)
    {
        (int luck, int milliseconds) = Roll();
        if (luck < 8)
        {
            await Faults.Lost();
        }
        if (luck < 14)
        {
            await Task.Delay(milliseconds);
        }

        (int, int) Roll()
        {
            lock (sky)
            {
                return (sky.Next(100), sky.Next(50, 900));
            }
        }
    }

    // Every connection to a database is cut now and then: a commit may or may not have happened.
    private async Task LightningAsync(Random random, Task until)
    {
        TestDatabase[] databases = [world.BookingDb, world.PaymentDb, world.CustomerDb];
        while (await Task.WhenAny(until, Task.Delay(random.Next(500, 2000))) != until)
        {
            await databases[random.Next(3)].Db.ExecuteAsync(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()", default);
        }
    }

    private async Task<List<Told>> WorkAsync(Random random, long[] offers, TestUser[] clients)
    {
        var told = new List<Told>();
        for (int i = 0; i < BookingsEach; i++)
        {
            TestUser client = clients[random.Next(clients.Length)];
            long offer = offers[random.Next(offers.Length)];
            string? key = random.Next(3) == 0 ? $"{random.Next(1000)}-{offer}" : null;
            bool hangUp = random.Next(10) == 0;
            int next = random.Next(10);
            Told? answer = await BookAsync(client, offer, key, hangUp ? random.Next(5, 200) : 20_000);
            if (answer is not null)
            {
                told.Add(answer);
            }
            if (next == 0)
            {
                await IgnoreAsync(world.WithdrawAsync(offer));
            }
            if (next < 4 && answer is { Status: HttpStatusCode.OK, Booking: { } booking })
            {
                Task byClient = CancelAsync(client, booking);
                await Task.WhenAll(byClient, next == 1 ? IgnoreAsync(world.CancelByCompanyAsync(booking)) : Task.CompletedTask);
            }
        }
        return told;
    }

    private async Task<Told?> BookAsync(TestUser client, long offer, string? key, int patienceMilliseconds)
    {
        using HttpClient http = world.CustomerHttp(client);
        using var patience = new CancellationTokenSource(patienceMilliseconds);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/customer/offer/{offer}/book");
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, patience.Token);
            string text = await response.Content.ReadAsStringAsync(patience.Token);
            Guid? booking = (int)response.StatusCode switch
            {
                200 => JsonDocument.Parse(text).RootElement.GetProperty("id").GetGuid(),
                // What was answered finally; a 409 for the key, or 503 for a cut connection, names no booking.
                404 or 409 or 422 or 503 when response.Headers.Location is { } place => Guid.Parse(place.ToString().Split('/')[^1]),
                _ => null,
            };
            ((int)response.StatusCode).ShouldBeOneOf(200, 202, 404, 409, 422, 503);
            return new Told(response.StatusCode, booking);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task CancelAsync(TestUser client, Guid booking)
    {
        using HttpClient http = world.CustomerHttp(client);
        using HttpResponseMessage response = await http.PostAsync($"/api/v1/customer/bookings/{booking}/cancel", null);
        ((int)response.StatusCode).ShouldBeOneOf(200, 202, 409, 503);
    }

    private static async Task IgnoreAsync(Task call)
    {
        try
        {
            await call;
        }
        catch (RpcException)
        {
            // The storm has it.
        }
    }

    private sealed record Told(HttpStatusCode Status, Guid? Booking);
}
