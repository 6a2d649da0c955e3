using BookSaga.Contracts;
using BookSaga.Contracts.Customer;
using BookSaga.Hosting.Data;
using BookSaga.Notification.Mails;
using Grpc.Core;
using Npgsql;

namespace BookSaga.Notification.Reminders;

/// <summary>
/// Writes due reminders. Right before it does it asks the customer service whether the booking stands and what its client wants now; while that does not answer,
/// reminders wait, and those whose appointment begins meanwhile are not written.
/// </summary>
internal sealed partial class ReminderPump(
    ReminderQueue queue, BookingMails mails, Contracts.Customer.Reminders.RemindersClient customer, Migrator migrator, TimeProvider time, ILogger<ReminderPump> logger) : BackgroundService
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migrator.Completion.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            int written = 0;
            try
            {
                written = await WriteDueAsync(stoppingToken);
            }
            // A stop ends the call as well.
            catch (RpcException e)
            {
                stoppingToken.ThrowIfCancellationRequested();
                LogWaiting(e.Status.Detail);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                LogWaiting(e.Message);
            }
            if (written == 0)
            {
                await Task.Delay(Poll, time, stoppingToken);
            }
        }
    }

    private async Task<int> WriteDueAsync(CancellationToken ct)
    {
        List<Reminder> due = await queue.ClaimAsync(ct);
        if (due.Count == 0)
        {
            return 0;
        }
        DateTimeOffset now = time.GetUtcNow();
        await queue.EndAsync([.. due.Where(r => r.ExpiresAt <= now).Select(r => (r, "late", (Mail?)null))], ct);
        Reminder[] open = [.. due.Where(r => r.ExpiresAt > now)];
        if (open.Length > 0)
        {
            // A deadline is a matter of real time, whatever the clock of the reminders says.
            ReminderFacts answer = await customer.DescribeAsync(
                new ReminderBookings { BookingIds = { open.Select(r => r.Booking.BookingId.ToString()).Distinct() } },
                deadline: TimeProvider.System.GetUtcNow().UtcDateTime + Patience, cancellationToken: ct);
            var facts = answer.Facts.ToDictionary(f => Guid.Parse(f.BookingId));
            await queue.EndAsync([.. open.Select(r => Decide(r, facts.GetValueOrDefault(r.Booking.BookingId))).OfType<(Reminder, string, Mail?)>()], ct);
        }
        return due.Count;
    }

    // Null: not to be decided yet; it is due again when the lease has passed.
    private (Reminder Reminder, string State, Mail? Mail)? Decide(Reminder reminder, ReminderFact? fact)
    {
        if (fact is null or { Status: not ("paid" or "cancelling") })
        {
            return (reminder, "cancelled", null);
        }
        if (reminder.Kind == Outcome.DayBefore ? !fact.DayBefore : !fact.HourBefore)
        {
            return (reminder, "off", null);
        }
        if (fact.Status == "cancelling")
        {
            return null;
        }
        BookingFinished booking = reminder.Booking;
        BookingCustomer client = booking.Customer with
        {
            Locale = fact.Locale.Length > 0 ? fact.Locale : booking.Customer.Locale,
            TimeZone = fact.TimeZone.Length > 0 ? fact.TimeZone : booking.Customer.TimeZone,
        };
        Mail? mail = mails.Remind(reminder.EventId, reminder.Kind, booking with { Customer = client }, fact.UnsubscribeToken, reminder.ExpiresAt);
        return (reminder, mail is null ? "off" : "written", mail);
    }

    [LoggerMessage(1, LogLevel.Warning, "Reminders wait: {Reason}")]
    private partial void LogWaiting(string reason);
}
