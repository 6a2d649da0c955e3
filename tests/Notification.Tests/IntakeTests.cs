using BookSaga.Contracts;
using BookSaga.Contracts.Events;
using Grpc.Core;

namespace BookSaga.Notification.Tests;

public sealed class IntakeTests(Authority authority)
{
    [Fact]
    public async Task A_delivery_makes_one_mail_for_the_company_and_one_for_the_client()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        var id = Guid.NewGuid();
        await office.DeliverAllAsync(Samples.Paid(id: id));
        await office.UntilSentAsync(2);
        Received company = office.Server.Mails.Single(m => m.Recipients.Contains("salon@example.com"));
        company.Recipients.ShouldBe(["salon@example.com", "boss@example.com", "desk@example.com"], ignoreOrder: true);
        company.Message.To.ToString().ShouldContain("salon@example.com");
        company.Message.Cc.Mailboxes.Select(m => m.Address).ShouldBe(["boss@example.com", "desk@example.com"]);
        company.Message.MessageId.ShouldBe($"{id:N}.company@localhost");
        Received client = office.Server.Mails.Single(m => m.Recipients.Contains("anna@example.com"));
        client.Message.MessageId.ShouldBe($"{id:N}.client@localhost");
        client.Message.To.Mailboxes.Single().Name.ShouldBe("Анна О'Нил");
        client.Message.Subject.ShouldBe("Запись оплачена: Маникюр, Салон «Ромашка»");
        client.Message.TextBody!.ShouldContain("Здравствуйте, Анна!");
        client.Message.HtmlBody!.ShouldContain("Здравствуйте, Анна!");
        client.Message.Headers["Auto-Submitted"].ShouldBe("auto-generated");
        client.Message.Headers["X-BookSaga-Booking"].ShouldBe($"{await office.ReadAsync<Guid>("SELECT booking_id FROM received")}");
    }

    [Fact]
    public async Task Ten_deliveries_of_one_event_make_one_mail_each()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        Event received = Samples.Paid();
        await office.DeliverAllAsync(received, received);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => office.DeliverAllAsync(received)));
        await office.UntilSentAsync(2);
        await office.DeliverAllAsync(received);
        (await office.CountAsync("true")).ShouldBe(2);
        (await office.ReadAsync<long>("SELECT count(*) FROM received")).ShouldBe(1);
        office.Server.Mails.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_cancellation_that_overtakes_its_booking_is_told_all_the_same()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        BookingFinished booking = Samples.Booking();
        await office.DeliverAllAsync(Samples.Event(EventTypes.BookingCancelled, Samples.Cancelled("customer", null, 150050, booking)));
        await office.DeliverAllAsync(Samples.Paid(booking));
        await office.UntilSentAsync(4);
        office.Server.Mails.Select(m => m.Message.Subject!.Split(':')[0]).ShouldBe(
            ["Запись отменена", "Запись отменена", "Новая оплаченная запись", "Запись оплачена"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_booking_whose_offer_was_never_held_is_recorded_and_makes_no_mail()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        await office.DeliverAllAsync(Samples.Event(EventTypes.BookingFailed, Samples.Failed("offer_taken") with { Snapshot = null }));
        (await office.ReadAsync<string>("SELECT type FROM received")).ShouldBe(EventTypes.BookingFailed);
        (await office.CountAsync("true")).ShouldBe(0);
    }

    [Fact]
    public async Task What_cannot_be_stored_is_named_and_its_neighbours_are_stored()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        Event broken = Samples.Paid();
        broken.PayloadJson = """{"booking_id": 5}""";
        Event empty = Samples.Paid();
        empty.PayloadJson = "{}";
        Event unnamed = Samples.Paid();
        unnamed.Id = "7";
        Acknowledgements answer = await office.DeliverAsync(
            Samples.Paid(), Samples.Event("customer.booking-dreamt.v1", Samples.Booking()), broken, empty, unnamed, Samples.Paid());
        answer.Errors[0].ShouldBeEmpty();
        answer.Errors[1].ShouldBe("no handler for customer.booking-dreamt.v1");
        answer.Errors[2].ShouldStartWith("JsonException");
        answer.Errors[3].ShouldStartWith("JsonException");
        answer.Errors[4].ShouldStartWith("FormatException");
        answer.Errors[5].ShouldBeEmpty();
        await office.UntilSentAsync(4);
        (await office.ReadAsync<long>("SELECT count(*) FROM received")).ShouldBe(2);
    }

    [Theory]
    [InlineData("", StatusCode.Unauthenticated)]
    [InlineData("user", StatusCode.PermissionDenied)]
    public async Task Only_our_own_services_may_deliver(string who, StatusCode status)
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority, serve: false);
        string token = who.Length == 0 ? "" : authority.Provider.UserToken(TestUser.New());
        var sink = new EventSink.EventSinkClient(office.Service.Grpc(token));
        RpcException refusal = await Should.ThrowAsync<RpcException>(async () => await sink.DeliverAsync(new EventBatch { Events = { Samples.Paid() } }));
        refusal.StatusCode.ShouldBe(status);
        (await office.ReadAsync<long>("SELECT count(*) FROM received")).ShouldBe(0);
    }
}
