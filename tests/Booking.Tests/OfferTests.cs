using System.Text.Json;
using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using BookSaga.Contracts.Events;

namespace BookSaga.Booking.Tests;

public sealed class OfferTests(BookingWorld world) : IClassFixture<BookingWorld>
{
    private static readonly DateTimeOffset Start = new(2031, 3, 30, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task The_document_describes_every_route()
    {
        using HttpClient http = world.Service.Http(null);

        (await ApiDocument.CheckAsync(http)).GetProperty("components").GetProperty("schemas").GetProperty("Offer").GetProperty("properties")
            .GetProperty("datetime").GetProperty("type").GetString().ShouldBe("string");
    }

    [Fact]
    public async Task A_search_includes_both_ends_and_a_parents_children_in_the_order_of_time_then_id()
    {
        long[] ids = [.. (await Task.WhenAll(
            world.AddAsync(10, 25, Start), world.AddAsync(10, 31, Start.AddHours(1)), world.AddAsync(10, 5, Start.AddHours(2)),
            world.AddAsync(10, 25, Start.AddHours(2).AddSeconds(1)), world.AddAsync(10, 21, Start.AddHours(1)))).Select(r => r.Id)];

        JsonElement found = await SearchAsync("service_id=5&from=2031-03-30T13:00:00%2B03:00&to=2031-03-30T12:00:00Z");

        found.EnumerateArray().Select(o => o.GetProperty("id").GetInt64()).ShouldBe(ids[..3]);
        found[0].GetProperty("datetime").GetString().ShouldBe("2031-03-30T10:00:00Z");
        found[0].GetProperty("location").GetRawText().ShouldBe("[1.5,2.5]");
        found[0].TryGetProperty("customer", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Offers_of_one_moment_come_in_a_stable_order_over_pages()
    {
        DateTimeOffset moment = Start.AddYears(1);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => world.AddAsync(11, 9, moment)));
        string range = "service_id=9&from=2032-03-30T10:00:00Z&to=2032-03-30T10:00:00Z";

        JsonElement all = await SearchAsync(range);
        List<long> paged = [];
        for (int page = 1; page <= 3; page++)
        {
            paged.AddRange((await SearchAsync($"{range}&page={page}&limit=2")).EnumerateArray().Select(o => o.GetProperty("id").GetInt64()));
        }

        paged.ShouldBe(all.EnumerateArray().Select(o => o.GetProperty("id").GetInt64()));
        paged.Count.ShouldBe(5);
        paged.ShouldBeInOrder();
        (await SearchAsync($"{range}&page=4&limit=2")).GetRawText().ShouldBe("[]");
    }

    [Fact]
    public async Task A_company_that_is_not_active_has_no_open_offers_and_its_newest_version_wins()
    {
        long offer = (await world.AddAsync(12, 13, Start.AddYears(2))).Id;
        const string Range = "service_id=13&from=2033-01-01T00:00:00Z";
        await ToldAsync(BookingWorld.Company(12, version: 5, active: false));
        await ToldAsync(BookingWorld.Company(12, version: 4, active: true));

        (await SearchAsync(Range)).GetArrayLength().ShouldBe(0);
        (await world.ReserveAsync(BookingWorld.Reserve(offer)))[0].Code.ShouldBe(ReserveOutcome.Types.Code.Taken);
        using HttpClient http = world.Service.Http(null);
        await http.GetAsync($"/api/v1/offers/{offer}").ProblemAsync(404, "offer not found");

        await ToldAsync(BookingWorld.Company(12, version: 6, name: "Renamed"));
        (await SearchAsync(Range))[0].GetProperty("company_name").GetString().ShouldBe("Renamed");
    }

    [Fact]
    public async Task An_offer_in_the_past_or_of_no_service_is_refused_and_a_repeat_adds_nothing()
    {
        (await world.AddAsync(13, 7, DateTimeOffset.UtcNow.AddMinutes(-1))).Code.ShouldBe(AddOfferReply.Types.Code.InThePast);
        (await world.AddAsync(13, 4711, Start)).Code.ShouldBe(AddOfferReply.Types.Code.ServiceNotFound);
        var operation = Guid.NewGuid();

        AddOfferReply first = await world.AddAsync(13, 7, Start, operation: operation);
        AddOfferReply again = await world.AddAsync(13, 7, Start, operation: operation);

        AddOfferReply late = await world.AddAsync(13, 7, DateTimeOffset.UtcNow.AddMinutes(-1), operation: operation);

        again.Id.ShouldBe(first.Id);
        (late.Code, late.Id).ShouldBe((AddOfferReply.Types.Code.Added, first.Id));
        OffersJson list = await world.Offers.ListByCompanyAsync(new ListOffers { CompanyId = 13, Page = 1, Limit = 10, Language = "en" });
        JsonDocument.Parse(list.Json).RootElement.GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task The_service_tree_has_the_contracts_ids_in_both_languages()
    {
        using HttpClient http = world.Service.Http(null);
        JsonElement russian = await http.GetAsync("/api/v1/booking/services").JsonAsync(200);
        http.DefaultRequestHeaders.AcceptLanguage.ParseAdd("de, en;q=0.8, ru;q=0.2");
        JsonElement english = await http.GetAsync("/api/v1/booking/services").JsonAsync(200);

        russian.GetArrayLength().ShouldBe(34);
        russian[0].GetRawText().ShouldBe("""{"id":1,"parent_id":0,"name":"Красота и уход"}""");
        english[33].GetRawText().ShouldBe("""{"id":34,"parent_id":5,"name":"CrossFit"}""");
    }

    [Theory]
    [InlineData("from=yesterday")]
    [InlineData("to=2031-03-30T10:00:00")]
    [InlineData("page=0")]
    [InlineData("page=-1")]
    [InlineData("limit=101")]
    [InlineData("limit=many")]
    [InlineData("service_id=seven")]
    public async Task A_parameter_out_of_its_range_is_400(string query)
    {
        using HttpClient http = world.Service.Http(null);
        using HttpResponseMessage answer = await http.GetAsync("/api/v1/offers?" + query);
        ((int)answer.StatusCode).ShouldBe(400);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
    }

    [Fact]
    public async Task Lists_of_ones_own_need_a_token_and_an_unknown_offer_is_404()
    {
        using HttpClient http = world.Service.Http(null);
        await http.GetAsync("/api/v1/customer/offers/my").ProblemAsync(401, "invalid claims");
        await http.GetAsync("/api/v1/customer/offers").ProblemAsync(401, "invalid claims");
        await http.GetAsync("/api/v1/offers/1234567890").ProblemAsync(404, "offer not found");
        using HttpClient user = world.Service.Http(TestUser.New());
        (await user.GetAsync("/api/v1/customer/offers/my").JsonAsync(200)).GetRawText().ShouldBe("[]");
    }

    private async Task<JsonElement> SearchAsync(string query)
    {
        using HttpClient http = world.Service.Http(TestUser.New());
        return await http.GetAsync("/api/v1/customer/offers?" + query).JsonAsync(200);
    }

    private async Task ToldAsync(CompanyChanged company)
    {
        var sink = new EventSink.EventSinkClient(world.Service.Grpc());
        Acknowledgements answer = await sink.DeliverAsync(new EventBatch
        {
            Events = { new Event { Id = Guid.NewGuid().ToString(), Type = EventTypes.CompanyChanged, PayloadJson = Json.Write(company) } },
        });
        answer.Errors.ShouldBe([""]);
    }
}
