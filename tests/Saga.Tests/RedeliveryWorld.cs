using System.Net;
using BookSaga.Contracts;
using BookSaga.Contracts.Events;
using BookSaga.Hosting.Data;
using BookSaga.Notification.Sending;
using Grpc.Core;

namespace BookSaga.Saga.Tests;

/// <summary>Bookings that have come to each of the ends that there are, and every event that was told on the way.</summary>
public sealed class RedeliveryWorld : SagaWorld
{
    // Rows that an event can change; what the services do by themselves (sending mails, sealing the ledger) is left out.
    private static readonly string[] BookingTables = ["offer", "reservation", "company", "dead_letter"];
    private static readonly string[] PaymentTables = ["account", "posting", "dead_letter"];
    private static readonly string[] CustomerTables = ["booking", "cancellation", "dead_letter"];
    private static readonly string[] NotificationTables = ["received", "dead_letter"];

    private readonly string _mails = Directory.CreateTempSubdirectory("booksaga-mail-").FullName;
    private TestDatabase _notificationDb = null!;
    private TestService<MailQueue> _notification = null!;

    /// <summary>At least one of every type.</summary>
    public List<Event> Told { get; } = [];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _notificationDb = await TestDatabase.CreateAsync();
        _notification = await new TestService<MailQueue>(Authority, _notificationDb.Url, new() { ["Mail:Directory"] = _mails }).StartAsync();
        await TellAsync();
        await SettleAsync();
        // Notification has no relay to it in this world: what is for it is delivered here, under the ids that the outbox gave.
        Told.AddRange(await CustomerDb.Db.QueryAsync(
            "SELECT event_id, type, payload::text FROM outbox WHERE destination = 'notification'",
            r => new Event { Id = r.GetGuid(0).ToString(), Type = r.GetString(1), PayloadJson = r.GetString(2) }, default));
        foreach (Event told in Told)
        {
            await DeliverAsync(told);
        }
        await SettleAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await _notification.DisposeAsync();
        await _notificationDb.DisposeAsync();
        await base.DisposeAsync();
        Directory.Delete(_mails, recursive: true);
    }

    /// <summary>To whom it is for; taken without an error.</summary>
    public async Task DeliverAsync(Event told)
    {
        CallInvoker consumer = told.Type switch
        {
            EventTypes.CompanyChanged or EventTypes.BookingRequested or EventTypes.PaymentCharged or EventTypes.PaymentRefused or EventTypes.PaymentRefunded => Booking.Grpc(),
            EventTypes.OfferReserved or EventTypes.ConfirmRefused => Payment.Grpc(),
            EventTypes.BookingPaid or EventTypes.BookingFailed or EventTypes.BookingCancelled => _notification.Grpc(),
            _ => CustomerGrpc(),
        };
        (await new EventSink.EventSinkClient(consumer).DeliverAsync(new EventBatch { Events = { told } })).Errors.ShouldBe([""]);
    }

    /// <summary>Waits until no event between the services is under way, and what follows from each in notification is written.</summary>
    public async Task SettleAsync()
    {
        int quiet = 0;
        await Until.TrueAsync(async () =>
        {
            long waiting = await One(CustomerDb, "SELECT count(*) FROM outbox WHERE destination <> 'notification'") + await One(BookingDb, "SELECT count(*) FROM outbox") + await One(PaymentDb, "SELECT count(*) FROM outbox")
                + await One(_notificationDb, "SELECT count(*) FROM received WHERE payload IS NOT NULL");
            quiet = waiting == 0 ? quiet + 1 : 0;
            return quiet == 3;
        });
    }

    /// <summary>Every row of every service, as text.</summary>
    public async Task<string> RowsAsync() => string.Join('\n', [
        .. await RowsAsync(BookingDb, BookingTables), .. await RowsAsync(PaymentDb, PaymentTables),
        await TextAsync(PaymentDb, "SELECT id, type, status, amount_minor, customer_id, offer_id, balance_after FROM transfer"),
        .. await RowsAsync(CustomerDb, CustomerTables), .. await RowsAsync(_notificationDb, NotificationTables),
        await TextAsync(_notificationDb, "SELECT event_id, audience, subject, text_body FROM mail"),
    ]);

    protected override Dictionary<string, string> CustomerSettings() => new(base.CustomerSettings()) { ["Saga:Mode"] = "Choreography" };

    private static async Task<string[]> RowsAsync(TestDatabase database, string[] tables)
    {
        var all = new List<string>();
        foreach (string table in tables)
        {
            all.Add($"{table}: {await TextAsync(database, $"SELECT * FROM {table}")}");
        }
        return [.. all];
    }

    private static async Task<string> TextAsync(TestDatabase database, string sql) =>
        (await database.Db.QueryFirstAsync($"SELECT coalesce(string_agg(x::text, E'\n' ORDER BY x::text), '') FROM ({sql}) x", r => r.GetString(0), default))!;

    private async Task TellAsync()
    {
        (Guid paid, BookingStep step) = await BookAsync(balance: 10, HttpStatusCode.OK);
        Tell(EventTypes.BookingRequested, new BookingRequested(paid, step.OfferId, new BookingCustomer(step.CustomerId, "A", "B", "a@example.com")));
        Tell(EventTypes.OfferReserved, step);
        Tell(EventTypes.PaymentCharged, step);
        Tell(EventTypes.ClaimPaid, new BookingEnded(paid, null, 1000, null));

        (Guid refused, step) = await BookAsync(balance: 1, HttpStatusCode.UnprocessableEntity);
        Tell(EventTypes.PaymentRefused, step with { Reason = BookingReasons.InsufficientFunds });
        Tell(EventTypes.ClaimFailed, new BookingEnded(refused, BookingReasons.InsufficientFunds, 1000, null));

        long withdrawn = await OfferAsync(10m);
        Faults.Before("Confirm", () => WithdrawAsync(withdrawn));
        (_, step) = await BookAsync(balance: 10, HttpStatusCode.Conflict, withdrawn);
        Tell(EventTypes.ConfirmRefused, step with { Reason = BookingReasons.OfferWithdrawn });
        Tell(EventTypes.PaymentRefunded, step with { Reason = BookingReasons.OfferWithdrawn });

        (Guid late, _) = await BookAsync(balance: 10, HttpStatusCode.Conflict, withdrawn);
        Tell(EventTypes.OfferRefused, new BookingEnded(late, BookingReasons.OfferTaken, 0, null));

        (Guid cancelled, _) = await BookAsync(balance: 10, HttpStatusCode.OK);
        (await CancelByCompanyAsync(cancelled)).Code.ShouldBe(Contracts.Customer.CancelByCompanyReply.Types.Code.Cancelled);
        Tell(EventTypes.OfferCompleted, new OfferCompleted(cancelled, step.OfferId));

        var company = new CompanyChanged(1, 5, "Барбершоп", "Main st. 2", "+7 999 001", null, null, true, 12, []);
        Tell(EventTypes.CompanyChanged, company);
        Tell(EventTypes.CompanyChanged, company with { Version = 4, Name = "older" });
    }

    private async Task<(Guid Booking, BookingStep Step)> BookAsync(decimal balance, HttpStatusCode expected, long? offer = null)
    {
        long wanted = offer ?? await OfferAsync(10m);
        TestUser client = await ClientAsync(balance);
        using HttpResponseMessage answer = await BookAsync(client, wanted);
        answer.StatusCode.ShouldBe(expected);
        Guid booking = await CustomerDb.Db.QueryFirstAsync("SELECT id FROM booking WHERE customer_id = $1", r => r.GetGuid(0), default, client.Id);
        return (booking, new BookingStep(booking, wanted, client.Id, 1, 1000));
    }

    private void Tell<T>(string type, T payload) => Told.Add(new Event { Id = Guid.NewGuid().ToString(), Type = type, PayloadJson = Json.Write(payload) });
}
