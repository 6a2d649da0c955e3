using System.Net;
using System.Text.Json;
using BookSaga.Hosting.Data;

namespace BookSaga.Saga.Tests;

public sealed class StreamBookingTests(SagaWorld world) : IClassFixture<SagaWorld>
{
    [Fact]
    public async Task A_running_booking_tells_its_steps_as_they_happen_and_then_its_end()
    {
        (TestUser client, Guid id, Task<HttpResponseMessage> booking, TaskCompletionSource go) = await BookUntilChargeAsync();
        using HttpClient http = world.CustomerHttp(client);
        using HttpResponseMessage stream = await http.GetAsync(Path(id), HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await stream.Content.ReadAsStreamAsync());

        List<string> before = await ReadAsync(lines, until: "\"slot_held\"");
        go.SetResult();
        List<string> after = await ReadAsync(lines, until: "event: end");

        stream.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        before.Where(l => l.StartsWith("id:", StringComparison.Ordinal)).ShouldBe(["id: 1", "id: 2"]);
        after.Where(l => l.StartsWith("id:", StringComparison.Ordinal)).ShouldBe(["id: 3", "id: 4", "id: 5", "id: 6"]);
        await booking.JsonAsync(200);
        await world.AuditAsync();
    }

    [Fact]
    public async Task A_timeline_that_is_read_while_its_booking_ends_misses_no_step()
    {
        (TestUser client, Guid id, Task<HttpResponseMessage> booking, TaskCompletionSource go) = await BookUntilChargeAsync();
        world.Faults.After("Describe", async () =>
        {
            go.SetResult();
            await booking;
        });
        using HttpClient http = world.CustomerHttp(client);

        JsonElement read = await http.GetAsync($"/api/v1/customer/bookings/{id}").JsonAsync(200);

        read.GetProperty("status").GetString().ShouldBe("paid");
        read.GetProperty("timeline").EnumerateArray().Select(step => $"{step.GetProperty("step")} {step.GetProperty("status")}")
            .ShouldBe(["requested done", "slot_held done", "payment_taken done", "confirmed done", "mail_queued done"]);
    }

    [Fact]
    public async Task A_stream_resumes_behind_the_last_event_and_says_204_after_the_end()
    {
        long offer = await world.OfferAsync(4m);
        TestUser client = await world.ClientAsync(1m);
        await world.BookAsync(client, offer).ProblemAsync(422, "insufficient funds");
        using HttpClient http = world.CustomerHttp(client);
        JsonElement list = await http.GetAsync("/api/v1/customer/bookings").JsonAsync(200);
        Guid id = list[0].GetProperty("id").GetGuid();

        string whole = await http.GetStringAsync(Path(id));
        http.DefaultRequestHeaders.Add("Last-Event-ID", "3");
        string rest = await http.GetStringAsync(Path(id));
        http.DefaultRequestHeaders.Remove("Last-Event-ID");
        http.DefaultRequestHeaders.Add("Last-Event-ID", "6");
        using HttpResponseMessage over = await http.GetAsync(Path(id));

        Steps(whole).ShouldBe(["requested", "slot_held", "payment_taken", "slot_released", "mail_queued"]);
        Steps(rest).ShouldBe(["slot_released", "mail_queued"]);
        rest.ShouldEndWith("id: 6\nevent: end\ndata: {\"status\":\"failed\",\"reason\":\"insufficient_funds\"}\n\n");
        over.StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Nobody_listens_to_the_booking_of_another()
    {
        long offer = await world.OfferAsync(1m);
        TestUser client = await world.ClientAsync(1m);
        Guid id = (await world.BookAsync(client, offer).JsonAsync(200)).GetProperty("id").GetGuid();
        using HttpClient stranger = world.CustomerHttp(TestUser.New());
        await stranger.GetAsync(Path(id)).ProblemAsync(404, "booking not found");
    }

    // A booking that waits before its charge until it may go on.
    private async Task<(TestUser Client, Guid Id, Task<HttpResponseMessage> Booking, TaskCompletionSource Go)> BookUntilChargeAsync()
    {
        long offer = await world.OfferAsync(4m);
        TestUser client = await world.ClientAsync(4m);
        var held = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        world.Faults.Before("Charge", () =>
        {
            held.TrySetResult();
            return go.Task;
        });
        Task<HttpResponseMessage> booking = world.BookAsync(client, offer);
        await held.Task.InTimeAsync();
        Guid id = await world.CustomerDb.Db.QueryFirstAsync("SELECT id FROM booking WHERE customer_id = $1", r => r.GetGuid(0), default, client.Id);
        return (client, id, booking, go);
    }

    private static string Path(Guid id) => $"/api/v1/customer/bookings/{id}/events";

    private static string[] Steps(string stream) => [.. stream.Split('\n')
        .Where(l => l.StartsWith("data: {\"step\"", StringComparison.Ordinal))
        .Select(l => JsonDocument.Parse(l[6..]).RootElement.GetProperty("step").GetString()!)];

    private static async Task<List<string>> ReadAsync(StreamReader lines, string until)
    {
        var read = new List<string>();
        while (await lines.ReadLineAsync().InTimeAsync() is { } line)
        {
            read.Add(line);
            if (line.Contains(until, StringComparison.Ordinal))
            {
                return read;
            }
        }
        throw new InvalidOperationException($"the stream ended before {until}: {string.Join('|', read)}");
    }
}
