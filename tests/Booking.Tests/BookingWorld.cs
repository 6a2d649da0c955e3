using BookSaga.Booking.Reservations;
using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using BookSaga.Hosting.Data;
using Google.Protobuf.WellKnownTypes;

namespace BookSaga.Booking.Tests;

/// <summary>The booking service on a database of its own.</summary>
public sealed class BookingWorld : IAsyncLifetime
{
    public TestAuthority Authority { get; private set; } = null!;

    public TestDatabase Database { get; private set; } = null!;

    internal TestService<ReservationSteps> Service { get; private set; } = null!;

    public Contracts.Booking.Reservations.ReservationsClient Reservations { get; private set; } = null!;

    public Contracts.Booking.Offers.OffersClient Offers { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Authority = await TestAuthority.StartAsync();
        Database = await TestDatabase.CreateAsync();
        Service = await new TestService<ReservationSteps>(Authority, Database.Url, new()
        {
            // Nobody listens there: the events stay in the outbox, where tests read them.
            ["Services:customer"] = "http://127.0.0.1:9",
            ["Offers:CompleteInterval"] = "00:00:00.1",
        }).StartAsync();
        Reservations = new Contracts.Booking.Reservations.ReservationsClient(Service.Grpc());
        Offers = new Contracts.Booking.Offers.OffersClient(Service.Grpc());
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await Database.DisposeAsync();
        await Authority.DisposeAsync();
    }

    public static CompanyChanged Company(long id, long version = 1, bool active = true, string name = "Shop") =>
        new(id, version, name, "Main st. 1", "+7", "shop@example.com", [1.5, 2.5], active, 24, ["boss@example.com"]);

    public Task<AddOfferReply> AddAsync(long company, int service, DateTimeOffset datetime, long minor = 100, Guid? operation = null, CompanyChanged? as_ = null) =>
        Offers.AddAsync(new AddOffer
        {
            CompanyId = company,
            ServiceId = service,
            PriceMinor = minor,
            Datetime = Timestamp.FromDateTimeOffset(datetime),
            Description = "d",
            CreatedBy = Guid.NewGuid().ToString(),
            OperationId = (operation ?? Guid.NewGuid()).ToString(),
            CompanyJson = Json.Write(as_ ?? Company(company)),
        }).ResponseAsync;

    public async Task<long> OfferAsync(long company = 1) => (await AddAsync(company, 7, DateTimeOffset.UtcNow.AddDays(2))).Id;

    public static ReserveOffer Reserve(long offer, Guid? booking = null, Guid? customer = null) => new()
    {
        BookingId = (booking ?? Guid.CreateVersion7()).ToString(),
        OfferId = offer,
        CustomerId = (customer ?? Guid.NewGuid()).ToString(),
        CustomerJson = """{"id":"00000000-0000-0000-0000-000000000001","first_name":"A","last_name":"B","email":"a@example.com"}""",
    };

    public async Task<ReserveOutcome[]> ReserveAsync(params ReserveOffer[] items) => [.. (await Reservations.ReserveAsync(new ReserveBatch { Items = { items } })).Outcomes];

    public static ClaimKey Key(ReserveOffer item) => new() { BookingId = item.BookingId, OfferId = item.OfferId, CustomerId = item.CustomerId };

    public async Task<ClaimOutcome> ConfirmAsync(ClaimKey key) => (await Reservations.ConfirmAsync(new ClaimBatch { Items = { key } })).Outcomes[0];

    public async Task<ClaimOutcome> ReleaseAsync(ClaimKey key) => (await Reservations.ReleaseAsync(new ClaimBatch { Items = { key } })).Outcomes[0];

    public Task<string?> StatusAsync(long offer) => Database.Db.QueryFirstAsync("SELECT status FROM offer WHERE id = $1", r => r.GetString(0), default, offer);
}
