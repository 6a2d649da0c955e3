using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using BookSaga.Contracts.Payment;
using BookSaga.Customer.Sagas;
using BookSaga.Hosting;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Events;
using Microsoft.Extensions.Options;

namespace BookSaga.Customer.Bookings;

/// <summary>Registers both sagas, their participants, their recovery and their events; and maps bookings' routes.</summary>
internal static class SagaSetup
{
    internal static void MapBookings(this IEndpointRouteBuilder api)
    {
        BookOfferEndpoint.Map(api);
        ListBookings.Map(api);
        GetBooking.Map(api);
        StreamBooking.Map(api);
        CancelMyBooking.Map(api);
    }

    internal static void AddSagas(this WebApplicationBuilder builder)
    {
        builder.AddServiceClient<Reservations.ReservationsClient>("booking");
        builder.AddServiceClient<Payments.PaymentsClient>("payment");
        // A mail may be a twentieth of a second later; what a saga waits for may not.
        builder.AddOutbox(new(BookingStore.Notification) { Gather = TimeSpan.FromMilliseconds(50) }, new(BookingStore.Booking));
        builder.AddEventHandler<OfferCompletedHandler>();
        builder.Services.AddOptions<SagaOptions>().BindConfiguration("Saga").ValidateDataAnnotations()
            .Validate(o => o.CallTimeout < o.Lease, "Saga:CallTimeout must be shorter than Saga:Lease")
            .ValidateOnStart();
        builder.Services.AddSingleton(services => new Turns(services.GetRequiredService<IOptions<SagaOptions>>().Value.BatchesAtOnce, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<Participants>();
        builder.Services.AddSingleton<BookingStore>();
        builder.Services.AddSingleton<ISagaRows<BookOffer>>(services => services.GetRequiredService<BookingStore>());
        builder.Services.AddSingleton<CancellationStore>();
        builder.Services.AddSingleton<ISagaRows<CancelBooking>>(services => services.GetRequiredService<CancellationStore>());
        builder.Services.AddSingleton<BookOfferSaga>();
        builder.Services.AddSingleton<Choreography>();
        builder.Services.AddSingleton<BookingDriver>(services => services.GetRequiredService<IOptions<SagaOptions>>().Value.Mode == SagaMode.Choreography
            ? services.GetRequiredService<Choreography>().EndAsync
            : services.GetRequiredService<BookOfferSaga>().DriveAsync);
        foreach (string ended in (string[])[EventTypes.OfferRefused, EventTypes.ClaimPaid, EventTypes.ClaimFailed])
        {
            builder.AddEventHandler(services => new BookingEndedHandler(ended, services.GetRequiredService<BookingStore>(), services.GetRequiredService<Choreography>(), services.GetRequiredService<TimeProvider>()));
        }
        builder.Services.AddSingleton<CancelBookingSaga>();
        builder.Services.AddSingleton<CancelBookingRun>();
        builder.Services.AddSingleton<BookingReader>();
        builder.Services.AddSingleton<IRecoverable>(services => services.GetRequiredService<BookOfferSaga>());
        builder.Services.AddSingleton<IRecoverable>(services => services.GetRequiredService<CancelBookingSaga>());
        builder.Services.AddSingleton<SweepCall>();
        builder.Services.AddHostedService<SagaSweeper>();
        builder.AddSagaGauges();
    }
}
