using System.Text.Json;
using BookSaga.Hosting.Data;

namespace BookSaga.Saga.Tests;

public sealed class WeeklyOffersTests(WeeklyWorld world) : IClassFixture<WeeklyWorld>
{
    // 2031-03-30: clocks in Berlin go from 02:00 to 03:00; 2031-10-26: from 03:00 back to 02:00. Both are Sundays.
    private const string Spring = "2031-03-30";
    private const string Autumn = "2031-10-26";

    [Fact]
    public async Task A_pattern_is_previewed_without_effect_and_then_posted_as_previewed()
    {
        long company = await world.CompanyAsync();
        object body = Pattern("Europe/Berlin", "2031-03-24", "2031-04-06", ["monday", "wednesday"], times: ["10:30", "09:00", "09:00"]);

        JsonElement preview = await world.PostAsync(company, body, preview: true).JsonAsync(200);
        (await world.OffersAsync(company)).ShouldBe(0);
        using HttpResponseMessage answer = await world.PostAsync(company, body);
        JsonElement posted = await Task.FromResult(answer).JsonAsync(201);

        preview.GetProperty("id").ValueKind.ShouldBe(JsonValueKind.Null);
        preview.GetProperty("status").GetString().ShouldBe("preview");
        preview.GetProperty("offers").GetRawText().ShouldBe(posted.GetProperty("offers").GetRawText());
        (posted.GetProperty("total").GetInt32(), posted.GetProperty("created").GetInt32()).ShouldBe((8, 8));
        posted.GetProperty("offers").EnumerateArray().Select(o => $"{o.GetProperty("local")} {o.GetProperty("offset")} {o.GetProperty("datetime")}").ShouldBe(
        [
            "2031-03-24T09:00 +01:00 2031-03-24T08:00:00Z", "2031-03-24T10:30 +01:00 2031-03-24T09:30:00Z",
            "2031-03-26T09:00 +01:00 2031-03-26T08:00:00Z", "2031-03-26T10:30 +01:00 2031-03-26T09:30:00Z",
            "2031-03-31T09:00 +02:00 2031-03-31T07:00:00Z", "2031-03-31T10:30 +02:00 2031-03-31T08:30:00Z",
            "2031-04-02T09:00 +02:00 2031-04-02T07:00:00Z", "2031-04-02T10:30 +02:00 2031-04-02T08:30:00Z",
        ]);
        (await world.OffersAsync(company)).ShouldBe(8);
        (await world.DoneAsync(answer.Headers.Location!.ToString())).GetRawText().ShouldBe(posted.GetRawText());
        JsonElement offer = (await world.SendAsync(HttpMethod.Get, $"/company/{company}/offers?limit=1").JsonAsync(200))[0];
        (offer.GetProperty("price").GetDecimal(), offer.GetProperty("description").GetString(), offer.GetProperty("status").GetString()).ShouldBe((12.5m, "Weekly", "open"));
    }

    [Fact]
    public async Task A_time_that_clocks_skip_is_reported_and_of_two_the_first_is_taken()
    {
        long company = await world.CompanyAsync();
        JsonElement spring = await world.PostAsync(company, Pattern("Europe/Berlin", Spring, Spring, ["sunday"], times: ["01:30", "02:30", "03:30"])).JsonAsync(201);
        JsonElement autumn = await world.PostAsync(company, Pattern("Europe/Berlin", Autumn, Autumn, ["sunday"], times: ["01:30", "02:30", "03:30"])).JsonAsync(201);

        spring.GetProperty("skipped").GetRawText().ShouldBe("""[{"local":"2031-03-30T02:30","reason":"no_such_local_time"}]""");
        Times(spring).ShouldBe(["2031-03-30T00:30:00Z", "2031-03-30T01:30:00Z"]);
        Times(autumn).ShouldBe(["2031-10-25T23:30:00Z", "2031-10-26T00:30:00Z", "2031-10-26T02:30:00Z"]);
        autumn.GetProperty("offers")[1].GetProperty("offset").GetString().ShouldBe("+02:00");
    }

    [Fact]
    public async Task A_zone_without_daylight_saving_has_the_same_offset_all_year_and_hours_are_cut_into_appointments()
    {
        long company = await world.CompanyAsync();
        JsonElement posted = await world.PostAsync(company, Pattern("Asia/Kolkata", Spring, Spring, ["sunday"], hours: new { from = "09:00", to = "17:00", every_minutes = 90 })).JsonAsync(201);

        posted.GetProperty("offers").EnumerateArray().Select(o => o.GetProperty("local").GetString()!["2031-03-30T".Length..]).ShouldBe(["09:00", "10:30", "12:00", "13:30", "15:00"]);
        posted.GetProperty("offers").EnumerateArray().ShouldAllBe(o => o.GetProperty("offset").GetString() == "+05:30");
        Times(posted)[0].ShouldBe("2031-03-30T03:30:00Z");
    }

    [Fact]
    public async Task What_is_there_already_or_past_is_skipped_and_a_closed_offer_makes_room()
    {
        long company = await world.CompanyAsync();
        object body = Pattern("UTC", Spring, Spring, ["sunday"], times: ["09:00", "10:00"]);
        await world.PostAsync(company, body).JsonAsync(201);
        await world.BookingDb.Db.ExecuteAsync("UPDATE offer SET status = 'paid' WHERE company_id = $1 AND datetime = '2031-03-30 09:00Z'", default, company);

        JsonElement again = await world.PostAsync(company, body).JsonAsync(201);
        again.GetProperty("skipped").EnumerateArray().Select(s => s.GetProperty("reason").GetString()).ShouldBe(["exists", "exists"]);
        again.GetProperty("skipped")[0].GetProperty("datetime").GetString().ShouldBe("2031-03-30T09:00:00Z");

        await world.BookingDb.Db.ExecuteAsync("UPDATE offer SET status = 'canceled_by_company' WHERE company_id = $1 AND datetime = '2031-03-30 10:00Z'", default, company);
        (await world.PostAsync(company, body, preview: true).JsonAsync(200)).GetProperty("offers").GetArrayLength().ShouldBe(1);
        JsonElement past = await world.PostAsync(company, Pattern("UTC", "2020-01-06", "2020-01-06", ["monday"], times: ["09:00"])).JsonAsync(201);
        past.GetProperty("skipped")[0].GetProperty("reason").GetString().ShouldBe("past");
        (await world.PostAsync(company, Pattern("UTC", "2031-04-01", "2031-04-01", ["monday"], times: ["09:00"])).JsonAsync(201)).GetProperty("total").GetInt32().ShouldBe(0);
    }

    [Fact]
    public async Task A_repeat_under_one_key_makes_nothing_twice_also_when_the_first_answer_was_lost()
    {
        long company = await world.CompanyAsync();
        object body = Pattern("UTC", "2031-01-01", "2031-01-31", ["friday"], times: ["09:00"]);
        string first = (await world.PostAsync(company, body, "key").JsonAsync(201)).GetRawText();

        (await world.PostAsync(company, body, "key").JsonAsync(201)).GetRawText().ShouldBe(first);
        (await world.OffersAsync(company)).ShouldBe(5);
        await world.PostAsync(company, Pattern("UTC", "2031-01-01", "2031-01-30", ["friday"], times: ["09:00"]), "key").ProblemAsync(422, "the idempotency key was used for another request");
    }

    [Fact]
    public async Task After_a_crash_half_way_another_process_finishes_and_no_offer_is_made_twice()
    {
        long company = await world.CompanyAsync();
        object body = Pattern("Europe/Berlin", "2031-01-01", "2031-12-31", ["monday", "tuesday", "wednesday", "thursday", "friday"], times: ["09:00", "10:00"]);
        int asked = 0;
        // The preview and the first 200 go through; the second 200 are posted, but nobody hears of it.
        world.Faults.Before("AddMany", () => Task.FromResult(asked++), always: true);
        world.Faults.After("AddMany", () => asked > 2 ? Faults.Lost() : Task.CompletedTask, always: true);
        using HttpResponseMessage answer = await world.PostAsync(company, body);
        JsonElement running = await Task.FromResult(answer).JsonAsync(202);
        string location = answer.Headers.Location!.ToString();
        await world.RestartCompanyAsync();
        (await world.OffersAsync(company)).ShouldBe(400);

        world.Faults.Clear();
        JsonElement done = await world.DoneAsync(location);

        (running.GetProperty("status").GetString(), running.GetProperty("created").GetInt32()).ShouldBe(("running", 200));
        (done.GetProperty("total").GetInt32(), done.GetProperty("created").GetInt32(), done.GetProperty("offers").GetArrayLength()).ShouldBe((522, 522, 500));
        (await world.OffersAsync(company)).ShouldBe(522);
        (await world.BookingDb.Db.QueryFirstAsync("SELECT count(DISTINCT datetime) FROM offer WHERE company_id = $1", row => row.GetInt64(0), default, company)).ShouldBe(522);
    }

    [Theory]
    [InlineData("""{"time_zone":null}""", "service_id, price, time_zone, from, to and days are required")]
    [InlineData("""{"price":1.001}""", "price must be above 0 with at most two decimals")]
    [InlineData("""{"service_id":4711}""", "service not found")]
    [InlineData("""{"time_zone":"CET5"}""", "time_zone must be an IANA time zone, such as Europe/Berlin")]
    [InlineData("""{"from":"2031-02-30"}""", "from must be a date, such as 2026-12-01")]
    [InlineData("""{"to":"2031-12-1"}""", "to must be a date, such as 2026-12-31")]
    [InlineData("""{"to":"2031-03-29"}""", "to must not be before from, nor more than 366 days with it")]
    [InlineData("""{"to":"2032-03-30"}""", "to must not be before from, nor more than 366 days with it")]
    [InlineData("""{"days":[]}""", "days must be days of the week, such as monday")]
    [InlineData("""{"days":["monday","1"]}""", "days must be days of the week, such as monday")]
    [InlineData("""{"times":[]}""", "times must be times of the day, such as 09:00")]
    [InlineData("""{"times":["9:00"]}""", "times must be times of the day, such as 09:00")]
    [InlineData("""{"times":["24:00"]}""", "times must be times of the day, such as 09:00")]
    [InlineData("""{"times":null}""", "times or hours is required, and only one of them")]
    [InlineData("""{"hours":{"from":"09:00","to":"10:00","every_minutes":30}}""", "times or hours is required, and only one of them")]
    [InlineData("""{"times":null,"hours":{"from":"09:00","to":"10:00","every_minutes":4}}""", "hours must have from and to, such as 09:00 and 17:00, and every_minutes from 5 to 1440")]
    [InlineData("""{"times":null,"hours":{"from":"09:00","to":"09:30","every_minutes":60}}""", "hours are too short for one appointment")]
    [InlineData("""{"to":"2031-12-31","days":["monday","tuesday","wednesday","thursday","friday","saturday","sunday"],"times":null,"hours":{"from":"00:00","to":"24:00","every_minutes":60}}""",
        "the pattern has 6648 times; at most 2000 offers are posted at once")]
    public async Task A_pattern_that_is_none_is_400_and_says_which_field(string change, string error)
    {
        long company = await world.CompanyAsync();
        Dictionary<string, object?> body = new()
        {
            ["service_id"] = 7, ["price"] = 12.5, ["time_zone"] = "Europe/Berlin", ["from"] = Spring, ["to"] = Spring, ["days"] = new[] { "sunday" }, ["times"] = new[] { "09:00" },
        };
        foreach (JsonProperty property in JsonDocument.Parse(change).RootElement.EnumerateObject())
        {
            body[property.Name] = property.Value;
        }
        await world.PostAsync(company, body, preview: true).ProblemAsync(400, error);
        (await world.OffersAsync(company)).ShouldBe(0);
    }

    [Fact]
    public async Task A_pattern_is_for_the_companys_people()
    {
        long company = await world.CompanyAsync();
        object body = Pattern("UTC", Spring, Spring, ["sunday"], times: ["09:00"]);
        string id = (await world.PostAsync(company, body).JsonAsync(201)).GetProperty("id").GetString()!;

        await world.PostAsync(company, body, user: TestUser.New()).ProblemAsync(403, "forbidden");
        await world.SendAsync(HttpMethod.Get, $"/company/{company}/offers/weekly/{id}", user: TestUser.New()).ProblemAsync(403, "forbidden");
        await world.SendAsync(HttpMethod.Get, $"/company/{await world.CompanyAsync()}/offers/weekly/{id}").ProblemAsync(404, "batch not found");
    }

    private static object Pattern(string zone, string from, string to, string[] days, string[]? times = null, object? hours = null) =>
        new { service_id = 7, price = 12.5m, description = " Weekly ", time_zone = zone, from, to, days, times, hours };

    private static string[] Times(JsonElement view) => [.. view.GetProperty("offers").EnumerateArray().Select(o => o.GetProperty("datetime").GetString()!)];
}
