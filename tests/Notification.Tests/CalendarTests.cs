using System.Text;
using BookSaga.Contracts;
using BookSaga.Notification.Mails;
using Ical.Net;
using Ical.Net.CalendarComponents;
using Microsoft.Extensions.Options;
using MimeKit;

namespace BookSaga.Notification.Tests;

/// <summary>What calendars get, read by another hand than wrote it where that is to be had.</summary>
public sealed class CalendarTests(Authority authority)
{
    [Fact]
    public async Task A_paid_mail_puts_the_appointment_into_calendars_and_a_cancelled_one_takes_the_same_out()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        BookingFinished booking = Samples.Booking();
        await office.DeliverAllAsync(Samples.Paid(booking));
        await office.DeliverAllAsync(Samples.Event(EventTypes.BookingCancelled, Samples.Cancelled("customer", null, 0, booking)));
        await office.UntilSentAsync(4);
        MimeMessage[] client = [.. office.Server.Mails.Where(m => m.Recipients.Contains("anna@example.com")).Select(m => m.Message).OrderBy(m => m.Subject!.Length)];
        (string Method, CalendarEvent Event)[] found = [.. client.Select(Read)];
        found.Select(f => f.Method).ShouldBe(["REQUEST", "CANCEL"]);
        found.Select(f => f.Event.Uid).Distinct().ShouldHaveSingleItem().ShouldBe($"{booking.BookingId}@localhost");
        found.Select(f => f.Event.Sequence).ShouldBe([0, 1]);
        found.Select(f => f.Event.Status).ShouldBe(["CONFIRMED", "CANCELLED"]);
        found.ShouldAllBe(f => f.Event.DtStart!.AsUtc == Samples.Appointment.UtcDateTime && f.Event.DtEnd!.AsUtc == Samples.Appointment.UtcDateTime.AddHours(1));
        // The later mail answers the first, so that mail programs show them together.
        client[1].InReplyTo.ShouldBe(client[0].MessageId);
        client[1].References.ShouldHaveSingleItem().ShouldBe(client[0].MessageId);
        client[0].InReplyTo.ShouldBeNull();
    }

    [Fact]
    public async Task A_failed_booking_touches_no_calendar()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        await office.DeliverAllAsync(Samples.Event(EventTypes.BookingFailed, Samples.Failed("insufficient_funds")));
        await office.UntilSentAsync(2);
        office.Server.Mails.ShouldAllBe(m => m.Message.BodyParts.Count() == 2);
    }

    [Fact]
    public void The_file_is_utf8_with_lines_of_75_octets_that_end_in_crlf_and_times_in_utc()
    {
        string text = Write(Samples.Booking(company: Samples.Salon with { Name = new string('Ж', 100), Address = string.Join(", ", Enumerable.Repeat("улица", 30)) }));
        text.Split("\r\n").ShouldAllBe(line => Encoding.UTF8.GetByteCount(line) <= 75 && !line.Contains('\n'));
        text.ShouldContain("\r\nDTSTART:20261207T113000Z\r\n");
        text.ShouldNotContain("TZID");
        Calendar.Load(text)!.Events.Single().Location!.ShouldStartWith("улица, улица");
    }

    [Fact]
    public void Names_cannot_forge_properties_attendees_or_parameters()
    {
        const string Evil = "Eve\r\nATTENDEE:mailto:thief@example.com\r\n\";X-EVIL=1:mailto:thief@example.com,\\n;";
        CompanyChanged company = Samples.Salon with { Name = Evil, Address = Evil, Phone = Evil, ManagerEmails = [] };
        string text = Write(Samples.Booking(company: company, customer: Samples.Anna with { FirstName = Evil, LastName = Evil, Email = "анна+1%?b@example.com" }));
        CalendarEvent appointment = Calendar.Load(text)!.Events.Single();
        appointment.Attendees.Count.ShouldBe(1);
        appointment.Attendees[0].Value!.AbsoluteUri.ShouldStartWith("mailto:%D0%B0");
        text.Replace("\r\n ", "", StringComparison.Ordinal).Split("\r\n").ShouldAllBe(line => !line.StartsWith("X-EVIL", StringComparison.Ordinal));
        text.Replace("\r\n ", "", StringComparison.Ordinal).Split("\r\n").Count(line => line.StartsWith("ATTENDEE", StringComparison.Ordinal)).ShouldBe(1);
        appointment.Attendees[0].ParticipationStatus.ShouldBe("ACCEPTED");
        appointment.Attendees[0].CommonName!.ShouldStartWith("Eve ATTENDEE:mailto:thief@example.com ';X-EVIL=1");
    }

    [Fact]
    public void An_address_in_another_script_attends_in_its_ascii_form() =>
        Calendar.Load(Write(Samples.Booking(customer: Samples.Anna with { Email = "анна@пример.рф" })))!.Events.Single().Attendees.Single().Value!.OriginalString
            .ShouldEndWith("@xn--e1afmkfd.xn--p1ai");

    [Fact]
    public void The_companys_calendar_names_the_client_and_its_own_people_attend()
    {
        string text = Write(Samples.Booking(), "company");
        CalendarEvent appointment = Calendar.Load(text)!.Events.Single();
        appointment.Summary.ShouldBe("Маникюр: Анна О'Нил");
        appointment.Attendees.Select(a => a.Value!.AbsoluteUri).ShouldBe(["mailto:salon@example.com", "mailto:boss@example.com", "mailto:desk@example.com"]);
    }

    private static string Write(BookingFinished booking, string audience = "client") =>
        new BookingMails(Options.Create(new MailOptions())).Write(Guid.NewGuid(), Outcome.Paid, booking).Single(m => m.Audience == audience).Calendar!;

    private static (string Method, CalendarEvent Event) Read(MimeMessage message)
    {
        TextPart part = message.BodyParts.OfType<TextPart>().Single(p => p.ContentType.IsMimeType("text", "calendar"));
        MimePart file = message.Attachments.OfType<MimePart>().Single();
        file.FileName.ShouldBe("booking.ics");
        using var content = new MemoryStream();
        file.Content!.DecodeTo(content);
        Encoding.UTF8.GetString(content.ToArray()).ShouldBe(part.Text.ReplaceLineEndings("\r\n"));
        Calendar calendar = Calendar.Load(part.Text)!;
        calendar.Method.ShouldBe(part.ContentType.Parameters["method"]);
        return (calendar.Method!, calendar.Events.Single());
    }
}
