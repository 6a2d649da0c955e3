using BookSaga.Company.Tests.Support;
using BookSaga.Contracts;
using BookSaga.Hosting.Data;

namespace BookSaga.Company.Tests;

/// <summary>The event company.company-changed.v1: in the same commit as the change, with a rising version, delivered when booking is back.</summary>
public sealed class CompanyChangedTests(CompanyFixture company) : IClassFixture<CompanyFixture>
{
    private readonly TestUser _admin = TestUser.New();

    [Fact]
    public async Task Every_change_raises_the_version_by_one_and_leaves_one_event_with_the_state_after_it()
    {
        company.Neighbours.SinkDown = true;
        long id = await company.FoundAsync(_admin);
        await company.SendAsync(_admin, "PUT", $"/company/{id}", new { name = "n", address = "a", phone = "p", email = "e@x.example", refundable_hours = 48 }).JsonAsync(200);
        await company.PostAsync(_admin, $"/company/{id}/logo", new { logo = "l" }).JsonAsync(200);
        await company.PostAsync(_admin, $"/company/{id}/location", new { lat = -1.5, lng = 2 }).JsonAsync(200);
        TestUser clerk = await company.JoinAsync(id, _admin, "manager");
        string path = $"/company/{id}/managers/{await company.ManagerIdAsync(id, clerk)}";
        await company.SendAsync(_admin, "PUT", path, new { role = "admin" }).JsonAsync(200);
        await company.SendAsync(_admin, "DELETE", path).JsonAsync(204);

        List<CompanyChanged> events = await PendingAsync(id);
        events.Select(e => e.Version).ShouldBe([1, 2, 3, 4, 5, 6, 7, 8]);
        events[0].RefundableHours.ShouldBe(24);
        events[1].ShouldBe(new CompanyChanged(id, 2, "n", "a", "p", "e@x.example", null, true, 48, events[1].ManagerEmails));
        events[3].Location.ShouldBe([-1.5, 2]);
        events[4].ManagerEmails.ShouldBe([_admin.Email]);
        events[5].ManagerEmails.ShouldBe([_admin.Email, clerk.Email]);
        events[7].ManagerEmails.ShouldBe([_admin.Email]);
        (await company.VersionAsync(id)).ShouldBe(8);

        // Booking is back: everything arrives, and the answer to a deactivation says so.
        company.Neighbours.SinkDown = false;
        await Until.TrueAsync(async () => (await PendingAsync(id)).Count == 0);
        company.Neighbours.Events.Where(e => e.Id == id).Select(e => e.Version).Distinct().Order().ShouldBe([1, 2, 3, 4, 5, 6, 7, 8]);
    }

    [Fact]
    public async Task Booking_has_heard_of_founding_activating_and_deactivating_before_the_answer()
    {
        company.Neighbours.SinkPause = TimeSpan.FromMilliseconds(200);
        long id = await company.FoundAsync(_admin);
        CompanyChanged founded = company.Neighbours.Events.Single(e => e.Id == id);
        founded.ShouldBe(new CompanyChanged(id, 1, "Салон «Ёлка»", "ул. Ленина, 1", "+7 (900) 000-00-00", "shop@example.com", null, true, 24, founded.ManagerEmails));
        founded.ManagerEmails.ShouldBe([_admin.Email]);
        await company.PostAsync(_admin, $"/company/{id}/deactivate").JsonAsync(200);
        company.Neighbours.Events.Last(e => e.Id == id).Active.ShouldBeFalse();
        await company.PostAsync(_admin, $"/company/{id}/activate").JsonAsync(200);
        company.Neighbours.Events.Last(e => e.Id == id).Active.ShouldBeTrue();
        company.Neighbours.SinkPause = TimeSpan.Zero;
    }

    [Fact]
    public async Task Booking_out_of_reach_delays_the_answer_by_two_seconds_and_no_more()
    {
        long id = await company.FoundAsync(_admin);
        company.Neighbours.SinkDown = true;
        long start = TimeProvider.System.GetTimestamp();
        (await company.PostAsync(_admin, $"/company/{id}/deactivate").JsonAsync(200)).GetProperty("active").GetBoolean().ShouldBeFalse();
        TimeProvider.System.GetElapsedTime(start).ShouldBeInRange(TimeSpan.FromSeconds(1.9), TimeSpan.FromSeconds(30));
        (await PendingAsync(id)).Single().Active.ShouldBeFalse();
        company.Neighbours.SinkDown = false;
    }

    [Fact]
    public async Task A_change_whose_event_cannot_be_recorded_does_not_happen()
    {
        long id = await company.FoundAsync(_admin);
        TestUser clerk = await company.JoinAsync(id, _admin, "manager");
        string manager = $"/company/{id}/managers/{await company.ManagerIdAsync(id, clerk)}";
        await company.ExecuteAsync("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$");
        await company.ExecuteAsync("CREATE TRIGGER refuse BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION refuse()");
        string before = await StateAsync();
        try
        {
            await company.PostAsync(_admin, "/company", CompanyFixture.Valid).ProblemAsync(500, "internal error");
            await company.SendAsync(_admin, "PUT", $"/company/{id}", CompanyFixture.Valid).ProblemAsync(500, "internal error");
            await company.PostAsync(_admin, $"/company/{id}/logo", new { logo = "l" }).ProblemAsync(500, "internal error");
            await company.PostAsync(_admin, $"/company/{id}/location", new { lat = 1, lng = 2 }).ProblemAsync(500, "internal error");
            await company.PostAsync(_admin, $"/company/{id}/deactivate").ProblemAsync(500, "internal error");
            await company.PostAsync(_admin, $"/company/{id}/managers", new { email = "x@example.com" }).ProblemAsync(500, "internal error");
            await company.SendAsync(_admin, "PUT", manager, new { role = "admin" }).ProblemAsync(500, "internal error");
            await company.SendAsync(_admin, "DELETE", manager).ProblemAsync(500, "internal error");
            (await StateAsync()).ShouldBe(before);
        }
        finally
        {
            await company.ExecuteAsync("DROP TRIGGER refuse ON outbox");
        }

        Task<string> StateAsync() => company.ScalarAsync<string>(
            "SELECT (SELECT jsonb_agg(c ORDER BY id)::text FROM company c) || (SELECT jsonb_agg(m ORDER BY id)::text FROM manager m)");
    }

    [Fact]
    public async Task Concurrent_changes_get_versions_without_gap_or_repeat()
    {
        long id = await company.FoundAsync(_admin);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => company.PostAsync(_admin, $"/company/{id}/logo", new { logo = $"{i}" }).JsonAsync(200)));
        await company.PostAsync(_admin, $"/company/{id}/activate").JsonAsync(200);
        company.Neighbours.Events.Where(e => e.Id == id).Select(e => e.Version).Distinct().Order().ShouldBe(Enumerable.Range(1, 22).Select(v => (long)v));
    }

    private Task<List<CompanyChanged>> PendingAsync(long id) => company.Database.Db.QueryAsync(
        "SELECT payload::text FROM outbox WHERE destination = 'booking' AND type = 'company.company-changed.v1' AND (payload->>'id')::bigint = $1 ORDER BY id",
        row => Json.Read<CompanyChanged>(row.GetString(0)), CancellationToken.None, id);
}
