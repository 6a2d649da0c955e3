using BookSaga.Company.Tests.Support;
using BookSaga.Contracts;
using BookSaga.Contracts.Booking;

namespace BookSaga.Company.Tests;

public sealed class OffersTests(CompanyFixture company) : IClassFixture<CompanyFixture>
{
    private const string Valid = """{"service_id":7,"price":12.5,"datetime":"2030-01-31T12:00:00+03:00","description":" Стрижка 'под ноль' ✂ "}""";
    private readonly TestUser _admin = TestUser.New();

    [Fact]
    public async Task An_offer_is_handed_to_booking_with_the_company_as_it_is_now()
    {
        long id = await company.FoundAsync(_admin);
        TestUser clerk = await company.JoinAsync(id, _admin, "manager");
        const string Offer = """{"id":42,"service_name":"Мужская стрижка/бритье","price":12.5}""";
        company.Neighbours.Plan<AddOffer>(_ => new AddOfferReply { Code = AddOfferReply.Types.Code.Added, Id = 42, OfferJson = Offer });

        using HttpResponseMessage answer = await company.PostAsync(clerk, $"/company/{id}/offers", Valid);

        (await Task.FromResult(answer).JsonAsync(201)).GetRawText().ShouldBe(Offer);
        answer.Headers.Location!.ToString().ShouldBe("/api/v1/offers/42");
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        AddOffer sent = company.Neighbours.Calls.ShouldHaveSingleItem().ShouldBeOfType<AddOffer>();
        sent.CompanyId.ShouldBe(id);
        sent.ServiceId.ShouldBe(7);
        sent.PriceMinor.ShouldBe(1250);
        sent.Datetime.ToDateTimeOffset().ShouldBe(new DateTimeOffset(2030, 1, 31, 9, 0, 0, TimeSpan.Zero));
        sent.Description.ShouldBe("Стрижка 'под ноль' ✂");
        sent.CreatedBy.ShouldBe(clerk.Id.ToString());
        Guid.Parse(sent.OperationId).ShouldNotBe(Guid.Empty);
        CompanyChanged snapshot = Json.Read<CompanyChanged>(sent.CompanyJson);
        snapshot.Version.ShouldBe(await company.VersionAsync(id));
        snapshot.Name.ShouldBe("Салон «Ёлка»");
        snapshot.ManagerEmails.ShouldBe([_admin.Email, clerk.Email]);
    }

    [Theory]
    [InlineData(null, "company_id, service_id, price and datetime are required")]
    [InlineData("""{"price":1,"datetime":"2030-01-01T00:00:00Z"}""", "company_id, service_id, price and datetime are required")]
    [InlineData("""{"service_id":7,"datetime":"2030-01-01T00:00:00Z"}""", "company_id, service_id, price and datetime are required")]
    [InlineData("""{"service_id":7,"price":1}""", "company_id, service_id, price and datetime are required")]
    [InlineData("""{"service_id":7,"price":null,"datetime":"2030-01-01T00:00:00Z"}""", "company_id, service_id, price and datetime are required")]
    [InlineData("""{"service_id":7,"price":1,"datetime":" "}""", "company_id, service_id, price and datetime are required")]
    [InlineData("""{"service_id":7,"price":0,"datetime":"2030-01-01T00:00:00Z"}""", "invalid offer")]
    [InlineData("""{"service_id":7,"price":-1,"datetime":"2030-01-01T00:00:00Z"}""", "invalid offer")]
    [InlineData("""{"service_id":7,"price":1.005,"datetime":"2030-01-01T00:00:00Z"}""", "invalid offer")]
    [InlineData("""{"service_id":7,"price":1000000000.01,"datetime":"2030-01-01T00:00:00Z"}""", "invalid offer")]
    [InlineData("""{"service_id":7,"price":1,"datetime":"tomorrow"}""", "invalid offer")]
    [InlineData("""{"service_id":7,"price":1,"datetime":"2030-01-01T00:00:00"}""", "invalid offer")]
    [InlineData("""{"service_id":7,"price":1,"datetime":"2030-02-30T00:00:00Z"}""", "invalid offer")]
    [InlineData("""{"service_id":7,"price":1,"datetime":"2030-01-01T00:00:00Z","description":"\u0000"}""", "invalid offer")]
    [InlineData("""{"service_id":0,"price":1,"datetime":"2030-01-01T00:00:00Z"}""", "service not found")]
    [InlineData("""{"service_id":4294967303,"price":1,"datetime":"2030-01-01T00:00:00Z"}""", "service not found")]
    [InlineData("""{"service_id":7,"price":"1","datetime":"2030-01-01T00:00:00Z"}""", "invalid request")]
    [InlineData("""{"service_id":true,"price":1,"datetime":"2030-01-01T00:00:00Z"}""", "invalid request")]
    [InlineData("""{"service_id":7,"price":1e99,"datetime":"2030-01-01T00:00:00Z"}""", "invalid request")]
    public async Task What_is_no_offer_never_reaches_booking(string? body, string error)
    {
        long id = await company.FoundAsync(_admin);
        company.Neighbours.PlanNothing();
        await company.PostAsync(_admin, $"/company/{id}/offers", body).ProblemAsync(400, error);
        company.Neighbours.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_path_and_not_the_body_says_whose_offer_it_is()
    {
        long id = await company.FoundAsync(_admin);
        company.Neighbours.Plan<AddOffer>(_ => new AddOfferReply { Code = AddOfferReply.Types.Code.Added, Id = 1, OfferJson = "{}" });
        await company.PostAsync(_admin, $"/company/{id}/offers", """{"company_id":"77","service_id":7,"price":0.01,"datetime":"2030-01-01t00:00:00z"}""").JsonAsync(201);
        company.Neighbours.Calls.OfType<AddOffer>().Single().CompanyId.ShouldBe(id);
        company.Neighbours.Calls.OfType<AddOffer>().Single().PriceMinor.ShouldBe(1);
    }

    [Theory]
    [InlineData(AddOfferReply.Types.Code.ServiceNotFound, "service not found")]
    [InlineData(AddOfferReply.Types.Code.InThePast, "invalid offer")]
    public async Task What_booking_refuses_is_passed_on(AddOfferReply.Types.Code code, string error)
    {
        long id = await company.FoundAsync(_admin);
        company.Neighbours.Plan<AddOffer>(_ => new AddOfferReply { Code = code });
        await company.PostAsync(_admin, $"/company/{id}/offers", Valid).ProblemAsync(400, error);
    }

    [Fact]
    public async Task The_list_is_bookings_own_in_the_readers_language()
    {
        long id = await company.FoundAsync(_admin);
        const string List = """[{"id":2},{"id":1}]""";
        company.Neighbours.Plan<ListOffers>(_ => new OffersJson { Json = List });
        (await company.SendAsync(_admin, "GET", $"/company/{id}/offers?page=3&limit=20", language: "en").JsonAsync(200)).GetRawText().ShouldBe(List);
        (await company.GetAsync(_admin, $"/company/{id}/offers").JsonAsync(200)).GetRawText().ShouldBe(List);
        company.Neighbours.Calls.ShouldBe([
            new ListOffers { CompanyId = id, Page = 3, Limit = 20, Language = "en" },
            new ListOffers { CompanyId = id, Page = 1, Limit = 50, Language = "ru" }]);
    }

    [Fact]
    public async Task The_list_passes_on_times_statuses_and_order_and_refuses_what_is_none()
    {
        long id = await company.FoundAsync(_admin);
        company.Neighbours.Plan<ListOffers>(_ => new OffersJson { Json = "[]" });

        await company.GetAsync(_admin, $"/company/{id}/offers?from=2030-01-01T00:00:00%2B01:00&to=2030-02-01T00:00:00Z&status=open,paid&status=open&status=reserved&sort=asc").JsonAsync(200);

        ListOffers sent = company.Neighbours.Calls.ShouldHaveSingleItem().ShouldBeOfType<ListOffers>();
        sent.From.ToDateTimeOffset().ShouldBe(new DateTimeOffset(2029, 12, 31, 23, 0, 0, TimeSpan.Zero));
        sent.To.ToDateTimeOffset().ShouldBe(new DateTimeOffset(2030, 2, 1, 0, 0, 0, TimeSpan.Zero));
        sent.Statuses.ShouldBe(["open", "paid", "reserved"]);
        sent.Ascending.ShouldBeTrue();
        await company.GetAsync(_admin, $"/company/{id}/offers?status=sold").ProblemAsync(400, "status must be of: open, reserved, paid, submitted, completed, canceled_by_customer, canceled_by_company");
        await company.GetAsync(_admin, $"/company/{id}/offers?sort=up").ProblemAsync(400, "sort must be asc or desc");
        await company.GetAsync(_admin, $"/company/{id}/offers?from=monday").ProblemAsync(400, "from must be an RFC 3339 time with an offset, such as 2026-01-31T09:00:00Z");
    }

    [Fact]
    public async Task A_failing_neighbour_is_503_or_500_and_never_a_wrong_answer()
    {
        long id = await company.FoundAsync(_admin);
        company.Neighbours.Plan<ListOffers>(_ => throw new Grpc.Core.RpcException(new(Grpc.Core.StatusCode.Unavailable, "secret address")));
        using HttpResponseMessage answer = await company.GetAsync(_admin, $"/company/{id}/offers");
        ((int)answer.StatusCode).ShouldBe(503);
        answer.Headers.RetryAfter.ShouldNotBeNull();
        (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldNotContain("secret");
        company.Neighbours.Plan<ListOffers>(_ => throw new InvalidOperationException("bug"));
        await company.GetAsync(_admin, $"/company/{id}/offers").ProblemAsync(500, "internal error");
        company.Neighbours.Plan<AddOffer>(_ => new AddOfferReply());
        await company.PostAsync(_admin, $"/company/{id}/offers", Valid).ProblemAsync(500, "internal error");
    }
}
