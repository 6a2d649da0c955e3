using BookSaga.Hosting.Data;

namespace BookSaga.Saga.Tests;

public sealed class ListBookingsTests(SagaWorld world) : IClassFixture<SagaWorld>
{
    [Fact]
    public async Task Bookings_are_listed_by_status_and_by_whether_their_appointment_is_ahead()
    {
        TestUser client = await world.ClientAsync(100);
        string later = await BookedAsync(client, inHours: 72);
        string sooner = await BookedAsync(client, inHours: 48);
        string cancelled = await BookedAsync(client, inHours: 60);
        using HttpClient http = world.CustomerHttp(client);
        await http.PostAsync($"/api/v1/customer/bookings/{cancelled}/cancel", null).JsonAsync(200);
        string over = await BookedAsync(client, inHours: 50);
        await world.CustomerDb.Db.ExecuteAsync(
            "UPDATE booking SET snapshot = jsonb_set(snapshot::jsonb, '{offer,datetime}', '\"2026-01-01T10:00:00Z\"')::json WHERE id = $1", default, Guid.Parse(over));
        await world.BookAsync(client, 4711).ProblemAsync(404, "offer not found");
        string failed = (await ListAsync(http, "status=failed")).ShouldHaveSingleItem();

        (await ListAsync(http, "")).ShouldBe([failed, over, cancelled, sooner, later]);
        (await ListAsync(http, "when=upcoming")).ShouldBe([sooner, later]);
        (await ListAsync(http, "when=upcoming&limit=1&page=2")).ShouldBe([later]);
        (await ListAsync(http, "when=past")).ShouldBe([failed, over, cancelled]);
        (await ListAsync(http, "status=paid,cancelled")).ShouldBe([over, cancelled, sooner, later]);
        (await ListAsync(http, "when=past&status=paid")).ShouldBe([over]);
        await http.GetAsync("/api/v1/customer/bookings?status=lost").ProblemAsync(400, "status must be of: pending, paid, failed, cancelled, completed");
        await http.GetAsync("/api/v1/customer/bookings?when=now").ProblemAsync(400, "when must be upcoming or past");
        await world.AuditAsync();
    }

    private async Task<string> BookedAsync(TestUser client, int inHours) =>
        (await world.BookAsync(client, await world.OfferAsync(1, inHours: inHours)).JsonAsync(200)).GetProperty("id").GetString()!;

    private static async Task<string[]> ListAsync(HttpClient http, string query) =>
        [.. (await http.GetAsync("/api/v1/customer/bookings?" + query).JsonAsync(200)).EnumerateArray().Select(b => b.GetProperty("id").GetString()!)];
}
