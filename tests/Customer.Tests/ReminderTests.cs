using System.Net;
using System.Text;
using BookSaga.Contracts.Customer;
using BookSaga.Customer.Profiles;
using BookSaga.Hosting.Data;
using Microsoft.Extensions.DependencyInjection;

namespace BookSaga.Customer.Tests;

/// <summary>What clients want to be reminded of, how they end it, and what notification is told.</summary>
public sealed class ReminderTests(CustomerWorld world) : IClassFixture<CustomerWorld>
{
    private const string Link = "/api/v1/customer/reminders/unsubscribe/";

    [Fact]
    public async Task Both_reminders_are_on_and_each_can_be_switched_off_by_itself()
    {
        var user = TestUser.New();
        (await RemindersAsync(user)).ShouldBe("""{"day_before":true,"hour_before":true}""");
        (await PutAsync(user, """, "reminders":{"day_before":false}""")).ShouldBe("""{"day_before":false,"hour_before":true}""");
        (await PutAsync(user, """, "reminders":{"hour_before":false}""")).ShouldBe("""{"day_before":false,"hour_before":false}""");
        (await PutAsync(user, "")).ShouldBe("""{"day_before":false,"hour_before":false}""");
        (await PutAsync(user, """, "reminders":{"day_before":true,"hour_before":null}""")).ShouldBe("""{"day_before":true,"hour_before":false}""");
        (await RemindersAsync(user)).ShouldBe("""{"day_before":true,"hour_before":false}""");
    }

    [Theory]
    [InlineData("""{"day_before":"no"}""")]
    [InlineData("true")]
    public async Task What_is_no_choice_is_refused(string reminders)
    {
        using HttpClient http = world.Service.Http(TestUser.New());
        using var body = Body($$""", "reminders":{{reminders}}""");
        await http.PutAsync("/api/v1/customer/profile", body).ProblemAsync(400, "invalid request");
    }

    [Fact]
    public async Task One_click_without_a_login_ends_all_reminders_of_one_client_also_without_a_profile()
    {
        TestUser user = TestUser.New(), other = TestUser.New();
        string token = await TokenAsync(user.Id);
        using HttpClient http = world.Service.Http(null);
        using var click = new StringContent("List-Unsubscribe=One-Click", Encoding.UTF8, "application/x-www-form-urlencoded");
        (await http.PostAsync(Link + token, click).JsonAsync(200)).GetRawText().ShouldBe("""{"result":"unsubscribed"}""");
        await http.PostAsync(Link + token, null).JsonAsync(200);
        (await RemindersAsync(user)).ShouldBe("""{"day_before":false,"hour_before":false}""");
        (await RemindersAsync(other)).ShouldBe("""{"day_before":true,"hour_before":true}""");
    }

    [Fact]
    public async Task Opening_the_link_changes_nothing_and_shows_a_button_that_does()
    {
        var user = TestUser.New();
        using HttpClient http = world.Service.Http(null);
        http.DefaultRequestHeaders.Add("Accept-Language", "en");
        http.DefaultRequestHeaders.Add("Accept", "text/html");
        using HttpResponseMessage page = await http.GetAsync(Link + await TokenAsync(user.Id));
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        page.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        page.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("form-action 'self'");
        (await page.Content.ReadAsStringAsync()).ShouldContain("""<form method="post">""");
        (await RemindersAsync(user)).ShouldBe("""{"day_before":true,"hour_before":true}""");

        using HttpResponseMessage done = await http.PostAsync(Link + await TokenAsync(user.Id), null);
        (await done.Content.ReadAsStringAsync()).ShouldContain("You will get no more reminders.");
        (await RemindersAsync(user)).ShouldBe("""{"day_before":false,"hour_before":false}""");
    }

    [Fact]
    public async Task No_other_token_opens_anything()
    {
        // One whose last character has other spellings: 43 characters carry two bits more than 32 bytes.
        TestUser user;
        string token;
        do
        {
            user = TestUser.New();
            token = await TokenAsync(user.Id);
        }
        while (token[^1] != 'A');
        char[] turned = token.ToCharArray();
        string[] wrong =
        [
            .. Enumerable.Range(0, token.Length).Select(i => string.Concat(token.AsSpan(0, i), turned[i] == 'A' ? "B" : "A", token.AsSpan(i + 1))),
            token[..^1] + "C", token[..^1] + "D", token[..^1] + "!", token + "A", token[..^1], "nonsense", user.Id.ToString(),
        ];
        using HttpClient http = world.Service.Http(null);
        foreach (string other in wrong)
        {
            await http.PostAsync(Link + other, null).ProblemAsync(404, "link not found");
        }
        await http.GetAsync(Link + "nonsense").ProblemAsync(404, "link not found");
        (await RemindersAsync(user)).ShouldBe("""{"day_before":true,"hour_before":true}""");
    }

    [Fact]
    public async Task Notification_is_told_what_holds_now()
    {
        var user = TestUser.New();
        Guid[] ids = [Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7()];
        await BookAsync(ids[0], user.Id, "paid");
        await BookAsync(ids[1], user.Id, "cancelled");
        await BookAsync(ids[2], user.Id, "paid");
        await world.Database.Db.ExecuteAsync(
            "INSERT INTO cancellation (booking_id, by_company, refund, next_at) VALUES ($1, false, true, 'infinity')", CancellationToken.None, ids[2]);
        await PutAsync(user, """, "locale":"en", "time_zone":"Asia/Tokyo", "reminders":{"hour_before":false}""");

        var reminders = new Reminders.RemindersClient(world.Service.Grpc());
        ReminderFacts facts = await reminders.DescribeAsync(new ReminderBookings { BookingIds = { ids.Append(Guid.NewGuid()).Select(id => id.ToString()) } });

        facts.Facts.ToDictionary(f => f.BookingId, f => f.Status).ShouldBe(
            new Dictionary<string, string> { [$"{ids[0]}"] = "paid", [$"{ids[1]}"] = "cancelled", [$"{ids[2]}"] = "cancelling" }, ignoreOrder: true);
        facts.Facts.ShouldAllBe(f => f.DayBefore && !f.HourBefore && f.Locale == "en" && f.TimeZone == "Asia/Tokyo");
        string token = facts.Facts.Select(f => f.UnsubscribeToken).Distinct().ShouldHaveSingleItem();
        using HttpClient http = world.Service.Http(null);
        await http.PostAsync(Link + token, null).JsonAsync(200);
        (await RemindersAsync(user)).ShouldBe("""{"day_before":false,"hour_before":false}""");
        await Should.ThrowAsync<Grpc.Core.RpcException>(async () =>
            await new Reminders.RemindersClient(world.Service.Grpc("")).DescribeAsync(new ReminderBookings()));
    }

    private ValueTask<string> TokenAsync(Guid user) => world.Service.Services.GetRequiredService<UnsubscribeTokens>().OfAsync(user, CancellationToken.None);

    private Task<int> BookAsync(Guid id, Guid user, string status) => world.Database.Db.ExecuteAsync(
        "INSERT INTO booking (id, customer_id, offer_id, customer, status, live, next_at, deadline, finished_at) VALUES ($1, $2, 1, '{}', $3, false, 'infinity', 'infinity', now())",
        CancellationToken.None, id, user, status);

    private async Task<string> RemindersAsync(TestUser user)
    {
        using HttpClient http = world.Service.Http(user);
        return (await http.GetAsync("/api/v1/customer/profile").JsonAsync(200)).GetProperty("reminders").GetRawText();
    }

    private async Task<string> PutAsync(TestUser user, string more)
    {
        using HttpClient http = world.Service.Http(user);
        using var body = Body(more);
        return (await http.PutAsync("/api/v1/customer/profile", body).JsonAsync(200)).GetProperty("reminders").GetRawText();
    }

    private static StringContent Body(string more) => new($$"""{"first_name":"A","last_name":"B"{{more}}}""", Encoding.UTF8, "application/json");
}
