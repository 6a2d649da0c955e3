using BookSaga.Contracts;
using BookSaga.Contracts.Events;
using BookSaga.Hosting.Events;
using BookSaga.Notification.Mails;

namespace BookSaga.Notification.Intake;

/// <summary>One outcome of a booking: <c>customer.booking-paid.v1</c>, <c>customer.booking-failed.v1</c>, <c>customer.booking-cancelled.v1</c>.</summary>
internal sealed class OutcomeHandler(string type, MailIntake intake) : IEventHandler
{
    public string Type => type;

    public Task HandleAsync(Event received, CancellationToken ct) => intake.StoreAsync(received);
}

/// <summary>Registers the consumers.</summary>
internal static class IntakeSetup
{
    /// <summary>Adds a consumer for each outcome, and what makes mails of them.</summary>
    internal static void AddMailIntake(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<BookingMails>();
        builder.Services.AddSingleton<Unfolder>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Unfolder>());
        builder.Services.AddSingleton<MailIntake>();
        foreach (string type in (string[])[EventTypes.BookingPaid, EventTypes.BookingFailed, EventTypes.BookingCancelled])
        {
            builder.AddEventHandler(services => new OutcomeHandler(type, services.GetRequiredService<MailIntake>()));
        }
    }
}
