using BookSaga.Contracts;
using BookSaga.Contracts.Events;
using BookSaga.Hosting.Events;
using BookSaga.Notification.Mails;

namespace BookSaga.Notification.Intake;

/// <summary><c>customer.booking-paid.v1</c>: tells client and company that the appointment stands.</summary>
internal sealed class BookingPaid(MailIntake intake) : IEventHandler
{
    public string Type => EventTypes.BookingPaid;

    public Task HandleAsync(Event received, CancellationToken ct) => intake.StoreAsync(received, Outcome.Paid);
}

/// <summary><c>customer.booking-failed.v1</c>: tells why there is no appointment, and that no money is missing.</summary>
internal sealed class BookingFailed(MailIntake intake) : IEventHandler
{
    public string Type => EventTypes.BookingFailed;

    public Task HandleAsync(Event received, CancellationToken ct) => intake.StoreAsync(received, Outcome.Failed);
}

/// <summary><c>customer.booking-cancelled.v1</c>: tells who cancelled, why, and what was refunded.</summary>
internal sealed class BookingCancelled(MailIntake intake) : IEventHandler
{
    public string Type => EventTypes.BookingCancelled;

    public Task HandleAsync(Event received, CancellationToken ct) => intake.StoreAsync(received, Outcome.Cancelled);
}

/// <summary>Registers the consumers.</summary>
internal static class IntakeSetup
{
    /// <summary>Adds one consumer for each event that makes mails.</summary>
    internal static void AddMailIntake(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<BookingMails>();
        builder.Services.AddSingleton<MailIntake>();
        builder.AddEventHandler<BookingPaid>();
        builder.AddEventHandler<BookingFailed>();
        builder.AddEventHandler<BookingCancelled>();
    }
}
