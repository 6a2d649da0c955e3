using BookSaga.Customer.Bookings;

namespace BookSaga.Saga.Tests;

/// <summary>Two replicas of each of the three services, on one database each; each customer replica has participants of its own.</summary>
public sealed class StormWorld : SagaWorld
{
    private TestService<BookSaga.Booking.Reservations.ReservationSteps> _booking = null!;
    private TestService<BookSaga.Payment.Steps.PaymentSteps> _payment = null!;
    private TestService<BookingStore> _customer = null!;
    private int _next;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _booking = await new TestService<BookSaga.Booking.Reservations.ReservationSteps>(Authority, BookingDb.Url, BookingSettings(), WithFaults).StartAsync();
        _payment = await new TestService<BookSaga.Payment.Steps.PaymentSteps>(Authority, PaymentDb.Url, PaymentSettings(), WithFaults).StartAsync();
        Dictionary<string, string> settings = CustomerSettings();
        settings["Services:booking"] = _booking.GrpcAddress;
        settings["Services:payment"] = _payment.GrpcAddress;
        _customer = await new TestService<BookingStore>(Authority, CustomerDb.Url, settings).StartAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await _customer.DisposeAsync();
        await _payment.DisposeAsync();
        await _booking.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <summary>The replicas in turn.</summary>
    public override HttpClient CustomerHttp(TestUser user) => (Interlocked.Increment(ref _next) % 2 == 0 ? Customer! : _customer).Http(user);
}
