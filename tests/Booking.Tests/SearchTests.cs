using System.Text.Json;
using BookSaga.Booking.Offers;
using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using BookSaga.Hosting.Data;
using Google.Protobuf.WellKnownTypes;
using Npgsql;

namespace BookSaga.Booking.Tests;

public sealed class SearchTests(BookingWorld world) : IClassFixture<BookingWorld>
{
    private static readonly DateTimeOffset Start = new(2031, 3, 1, 10, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("стрижк", true)]
    [InlineData("СТРИЖКИ", true)]
    [InlineData("мужскую стрижку", true)]
    [InlineData("haircut", true)]
    [InlineData("haircuts clipp", true)]
    [InlineData("красота", true)] // the category above
    [InlineData("beaut", true)]
    [InlineData("ёлк", true)]
    [InlineData("елка", true)]
    [InlineData("Ёлка стрижка бород", true)] // company, service and description together
    [InlineData("Clipper-cut", true)]
    [InlineData("'; DROP TABLE offer; --стриж", false)]
    [InlineData("стрижка & | ! ( ) :* <->", true)]
    [InlineData("маникюр", false)]
    [InlineData("Ёлка маникюр", false)]
    public async Task Words_of_service_category_company_and_description_are_found_in_both_languages(string words, bool found)
    {
        long offer = await AddAsync(21, 7, Start, 1000, "Бритьё и борода. Clippers only, clipper cuts", Shop(21, "Салон «Ёлка»"));
        long[] ids = await IdsAsync($"q={Uri.EscapeDataString(words)}&company_id=21");
        ids.Contains(offer).ShouldBe(found);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(8)]
    public async Task A_search_that_was_planned_on_young_tables_goes_by_the_indexes_when_they_have_grown(int? service)
    {
        await using NpgsqlConnection connection = await world.Database.Db.OpenConnectionAsync();
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(); // never committed
        await SearchAsync();
        await RunAsync("""
            INSERT INTO company (id, version, name, active, data)
            SELECT i, 1, 'Company ' || i, true, jsonb_build_object('id', i, 'name', 'Company ' || i, 'active', true) FROM generate_series(100001, 101000) i
            """);
        await RunAsync("""
            INSERT INTO offer (company_id, service_id, price_minor, datetime, description, created_by)
            SELECT 100001 + i % 1000, 8, 100, now() + i * interval '1 minute', 'd', gen_random_uuid() FROM generate_series(1, 10000) i
            """);
        long before = await ReadWholeAsync();

        (await SearchAsync()).ShouldBe(50);

        (await ReadWholeAsync()).ShouldBe(before);

        Task<long> SearchAsync() =>
            RunAsync($"SELECT count(*) FROM ({SearchOffers.Sql}) found", SearchOffers.Category(service), DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(7), 50, 0L);

        Task<long> ReadWholeAsync() => RunAsync("SELECT sum(seq_scan)::bigint FROM pg_stat_xact_user_tables WHERE relname IN ('offer', 'company')");

        async Task<long> RunAsync(string sql, params object[] values)
        {
            await using NpgsqlCommand command = connection.Sql(sql, values);
            await command.PrepareAsync();
            return await command.ExecuteScalarAsync() as long? ?? 0;
        }
    }

    [Fact]
    public async Task A_renamed_company_is_found_by_its_new_name_and_no_longer_by_the_old()
    {
        long offer = await AddAsync(22, 9, Start, 1000, "d", Shop(22, "Aquamarine"));
        (await IdsAsync("q=aquamar")).ShouldBe([offer]);

        await AddAsync(22, 9, Start.AddHours(1), 2000, "d", Shop(22, "Turquoise", version: 2));

        (await IdsAsync("q=aquamar")).ShouldBeEmpty();
        (await IdsAsync("q=turquoise")).Length.ShouldBe(2);
    }

    [Fact]
    public async Task Near_finds_what_is_in_the_circle_with_its_distance_and_sorts_by_it()
    {
        // Berlin, Potsdam (27 km), Leipzig (149 km).
        long berlin = await AddAsync(31, 31, Start, 1000, "near", Shop(31, "B", place: [52.52, 13.405]));
        long potsdam = await AddAsync(32, 31, Start.AddHours(-1), 900, "near", Shop(32, "P", place: [52.3906, 13.0645]));
        long leipzig = await AddAsync(33, 31, Start.AddHours(-2), 800, "near", Shop(33, "L", place: [51.3397, 12.3731]));
        await AddAsync(34, 31, Start, 800, "near", Shop(34, "N"));

        (await IdsAsync("service_id=31&near=52.52,13.405")).ShouldBe([berlin]);
        (await IdsAsync("service_id=31&near=52.52,13.405&radius_km=30")).ShouldBe([potsdam, berlin]);
        JsonElement all = await SearchAsync("service_id=31&near=52.52,%2013.405&radius_km=200&sort=distance");
        Ids(all).ShouldBe([berlin, potsdam, leipzig]);
        all[0].GetProperty("distance_km").GetDouble().ShouldBe(0);
        all[1].GetProperty("distance_km").GetDouble().ShouldBe(27.2, 0.3);
        all[2].GetProperty("distance_km").GetDouble().ShouldBe(149, 1);
        (await SearchAsync("service_id=31"))[0].TryGetProperty("distance_km", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_circle_over_the_180th_meridian_or_a_pole_is_whole()
    {
        long west = await AddAsync(35, 32, Start, 1000, "edge", Shop(35, "W", place: [-16.8, -179.9]));
        long east = await AddAsync(36, 32, Start.AddHours(1), 1000, "edge", Shop(36, "E", place: [-16.8, 179.9]));
        long pole = await AddAsync(37, 32, Start.AddHours(2), 1000, "edge", Shop(37, "S", place: [-89.9, 10]));

        (await IdsAsync("service_id=32&near=-16.8,180&radius_km=30")).ShouldBe([west, east]);
        (await IdsAsync("service_id=32&near=-16.8,-179.95&radius_km=30")).ShouldBe([west, east]);
        (await IdsAsync("service_id=32&near=-89.9,-170&radius_km=30")).ShouldBe([pole]);
    }

    [Fact]
    public async Task Prices_are_bounds_and_an_order_over_pages()
    {
        long[] ids = [.. await Task.WhenAll(
            AddAsync(41, 33, Start, 1000, "a"), AddAsync(41, 33, Start.AddHours(1), 1250, "a"), AddAsync(41, 33, Start.AddHours(-1), 1250, "b"), AddAsync(42, 33, Start, 99, "c"))];

        (await IdsAsync("service_id=33&price_min=10&price_max=12.5")).ShouldBe([ids[2], ids[0], ids[1]]);
        (await IdsAsync("service_id=33&price_max=10")).Order().ShouldBe(new[] { ids[0], ids[3] }.Order());
        (await IdsAsync("service_id=33&price_min=12.51")).ShouldBeEmpty();
        (await IdsAsync("service_id=33&sort=price")).ShouldBe([ids[3], ids[0], ids[2], ids[1]]);
        (await IdsAsync("service_id=33&sort=price&limit=2&page=2")).ShouldBe([ids[2], ids[1]]);
        (await IdsAsync("company_id=42")).ShouldBe([ids[3]]);
        (await IdsAsync("sort=price&limit=1&company_id=41")).ShouldBe([ids[0]]);
    }

    [Fact]
    public async Task Many_listings_are_read_in_the_order_of_time_and_give_the_same_pages()
    {
        await AddAsync(51, 34, Start, 1, "seed", Shop(51, "Manifold"));
        await world.Database.Db.ExecuteAsync(
            """
            INSERT INTO offer (company_id, service_id, price_minor, datetime, description, created_by)
            SELECT 51, 34, 1000 + i, $1 + i * interval '1 minute', 'No ' || i, gen_random_uuid() FROM generate_series(1, 2500) i
            """,
            default, Start.ToUniversalTime());

        JsonElement page = await SearchAsync("q=manifold&price_min=10.01&limit=3&page=2");

        page.EnumerateArray().Select(o => o.GetProperty("price").GetDecimal()).ShouldBe([10.04m, 10.05m, 10.06m]);
        (await SearchAsync("q=manifold&sort=price&limit=2&page=2")).EnumerateArray().Select(o => o.GetProperty("price").GetDecimal()).ShouldBe([10.02m, 10.03m]);
    }

    [Fact]
    public async Task Reserved_offers_and_those_of_companies_that_are_not_active_are_not_found()
    {
        long offer = await AddAsync(61, 22, Start, 1000, "Zeppelin", Shop(61, "Z"));
        await world.ReserveAsync(BookingWorld.Reserve(offer));
        (await IdsAsync("q=zeppelin")).ShouldBeEmpty();

        long other = await AddAsync(61, 22, Start.AddHours(1), 1000, "Zeppelin");
        (await IdsAsync("q=zeppelin")).ShouldBe([other]);
        await AddAsync(61, 22, Start.AddHours(2), 1000, "Zeppelin", Shop(61, "Z", version: 2) with { Active = false });
        (await IdsAsync("q=zeppelin")).ShouldBeEmpty();
        (await DatesAsync("q=zeppelin&from=2031-01-01T00:00:00Z&days=62")).GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Dates_are_days_of_the_zone_with_number_and_lowest_price()
    {
        // Clocks in Berlin go forward on 2031-03-30 and the day has 23 hours.
        await AddAsync(71, 23, new(2031, 3, 29, 22, 59, 0, TimeSpan.Zero), 900, "dates");
        await AddAsync(71, 23, new(2031, 3, 29, 23, 0, 0, TimeSpan.Zero), 1250, "dates");
        await AddAsync(71, 23, new(2031, 3, 30, 21, 59, 0, TimeSpan.Zero), 2000, "dates");
        await AddAsync(71, 23, new(2031, 3, 30, 22, 0, 0, TimeSpan.Zero), 700, "dates");
        const string Query = "company_id=71&from=2031-03-29T12:00:00Z";

        (await DatesAsync(Query + "&time_zone=Europe/Berlin")).GetRawText().ShouldBe(
            """[{"date":"2031-03-29","offers":1,"price_min":9},{"date":"2031-03-30","offers":2,"price_min":12.5},{"date":"2031-03-31","offers":1,"price_min":7}]""");
        (await DatesAsync(Query + "&days=1&time_zone=Europe/Berlin")).GetRawText().ShouldBe("""[{"date":"2031-03-29","offers":1,"price_min":9}]""");
        (await DatesAsync(Query + "&price_min=10")).GetRawText().ShouldBe("""[{"date":"2031-03-29","offers":1,"price_min":12.5},{"date":"2031-03-30","offers":1,"price_min":20}]""");
        (await DatesAsync(Query + "&to=2031-03-29T22:59:00Z")).GetRawText().ShouldBe("""[{"date":"2031-03-29","offers":1,"price_min":9}]""");
    }

    [Theory]
    [InlineData("offers?q=%3F%21", "q must have a letter or a digit")]
    [InlineData("offers?near=1", "near must be latitude,longitude in degrees, such as 55.75,37.62")]
    [InlineData("offers?near=91,0", "near must be latitude,longitude in degrees, such as 55.75,37.62")]
    [InlineData("offers?near=1,NaN", "near must be latitude,longitude in degrees, such as 55.75,37.62")]
    [InlineData("offers?near=1,2,3", "near must be latitude,longitude in degrees, such as 55.75,37.62")]
    [InlineData("offers?near=1,2&radius_km=0", "radius_km must be above 0 and at most 500")]
    [InlineData("offers?near=1,2&radius_km=500.1", "radius_km must be above 0 and at most 500")]
    [InlineData("offers?radius_km=5", "radius_km needs near")]
    [InlineData("offers?sort=distance", "sort=distance needs near")]
    [InlineData("offers?sort=name", "sort must be datetime, price or distance")]
    [InlineData("offers?price_min=-1", "price_min must be an amount from 0 to 1000000000 with at most two decimals, such as 12.5")]
    [InlineData("offers?price_max=1.005", "price_max must be an amount from 0 to 1000000000 with at most two decimals, such as 12.5")]
    [InlineData("offers?price_min=2&price_max=1", "price_min must not be above price_max")]
    [InlineData("offers?company_id=0", "company_id must be above 0")]
    [InlineData("offers/dates?days=63", "days must be a whole number from 1 to 62")]
    [InlineData("offers/dates?days=x", "days must be a whole number from 1 to 62")]
    [InlineData("offers/dates?time_zone=Mars/Olympus", "time_zone must be an IANA time zone, such as Europe/Berlin")]
    [InlineData("offers/dates?from=today", "from must be an RFC 3339 time with an offset, such as 2026-01-31T09:00:00Z")]
    public async Task What_is_asked_wrongly_is_400_and_says_why(string query, string error)
    {
        using HttpClient http = world.Service.Http(null);
        await http.GetAsync("/api/v1/" + query).ProblemAsync(400, error);
    }

    [Fact]
    public async Task A_search_text_may_be_long_but_not_without_bounds()
    {
        using HttpClient http = world.Service.Http(null);
        await http.GetAsync("/api/v1/offers?q=" + string.Concat(Enumerable.Repeat("ab%20", 66))).JsonAsync(200);
        await http.GetAsync("/api/v1/offers?q=" + new string('a', 201)).ProblemAsync(400, "q must be at most 200 characters long");
    }

    [Fact]
    public async Task A_companys_own_list_takes_times_statuses_and_an_order()
    {
        long[] ids = [await AddAsync(81, 24, Start, 100, "own"), await AddAsync(81, 24, Start.AddHours(1), 100, "own"), await AddAsync(81, 24, Start.AddHours(2), 100, "own")];
        await world.ReserveAsync(BookingWorld.Reserve(ids[1]));

        (await OwnAsync(new() { })).ShouldBe([ids[2], ids[1], ids[0]]);
        (await OwnAsync(new() { Ascending = true, To = Timestamp.FromDateTimeOffset(Start.AddHours(1)) })).ShouldBe([ids[0], ids[1]]);
        (await OwnAsync(new() { From = Timestamp.FromDateTimeOffset(Start.AddHours(1)), Statuses = { "open", "paid" } })).ShouldBe([ids[2]]);
        (await OwnAsync(new() { Statuses = { "reserved" } })).ShouldBe([ids[1]]);
    }

    private static CompanyChanged Shop(long id, string name, long version = 1, double[]? place = null) => BookingWorld.Company(id, version, name: name) with { Location = place };

    private async Task<long> AddAsync(long company, int service, DateTimeOffset datetime, long minor, string description, CompanyChanged? as_ = null) =>
        (await world.Offers.AddAsync(new AddOffer
        {
            CompanyId = company,
            ServiceId = service,
            PriceMinor = minor,
            Datetime = Timestamp.FromDateTimeOffset(datetime),
            Description = description,
            CreatedBy = Guid.NewGuid().ToString(),
            OperationId = Guid.NewGuid().ToString(),
            CompanyJson = Json.Write(as_ ?? BookingWorld.Company(company)),
        })).Id;

    private async Task<long[]> OwnAsync(ListOffers request)
    {
        (request.CompanyId, request.Page, request.Limit, request.Language) = (81, 1, 10, "en");
        return Ids(JsonDocument.Parse((await world.Offers.ListByCompanyAsync(request)).Json).RootElement);
    }

    private async Task<JsonElement> SearchAsync(string query)
    {
        using HttpClient http = world.Service.Http(null);
        return await http.GetAsync("/api/v1/offers?" + query).JsonAsync(200);
    }

    private async Task<JsonElement> DatesAsync(string query)
    {
        using HttpClient http = world.Service.Http(null);
        return await http.GetAsync("/api/v1/offers/dates?" + query).JsonAsync(200);
    }

    private async Task<long[]> IdsAsync(string query) => Ids(await SearchAsync(query));

    private static long[] Ids(JsonElement offers) => [.. offers.EnumerateArray().Select(o => o.GetProperty("id").GetInt64())];
}
