using BookSaga.Contracts;
using BookSaga.Notification.Mails;
using Microsoft.Extensions.Options;
using MimeKit;

namespace BookSaga.Notification.Tests;

public sealed class BookingMailsTests
{
    private static readonly BookingCustomer English = Samples.Anna with { Locale = "en", TimeZone = "America/New_York" };

    [Fact]
    public void The_company_gets_the_mail_and_its_managers_a_copy()
    {
        Mail mail = Company(Samples.Booking());
        mail.To.ShouldBe(["salon@example.com"]);
        mail.Cc.ShouldBe(["boss@example.com", "desk@example.com"]);
    }

    [Fact]
    public void Without_a_company_address_the_managers_get_the_mail()
    {
        Mail mail = Company(Samples.Booking(company: Samples.Salon with { Email = null }));
        mail.To.ShouldBe(["boss@example.com", "desk@example.com"]);
        mail.Cc.ShouldBeEmpty();
        Company(Samples.Booking(company: Samples.Salon with { Email = "call us" })).To.ShouldBe(["boss@example.com", "desk@example.com"]);
    }

    [Fact]
    public void A_company_that_nobody_can_be_reached_at_gets_none() =>
        Write(Outcome.Paid, Samples.Booking(company: Samples.Salon with { Email = null, ManagerEmails = [] })).ShouldHaveSingleItem().Audience.ShouldBe("client");

    [Fact]
    public void A_manager_whose_address_is_the_companys_gets_one_mail() =>
        Company(Samples.Booking(company: Samples.Salon with { ManagerEmails = ["SALON@example.com", "desk@example.com", "desk@example.com"] })).Cc.ShouldBe(["desk@example.com"]);

    [Theory]
    [InlineData("a@example.com\r\nBcc: thief@example.com")]
    [InlineData("a@example.com, thief@example.com")]
    [InlineData("<thief@example.com>")]
    [InlineData("Name <thief@example.com>")]
    [InlineData("a@")]
    [InlineData("@example.com")]
    [InlineData("nobody")]
    [InlineData("")]
    public void What_is_not_one_bare_address_gets_no_mail(string address)
    {
        Write(Outcome.Paid, Samples.Booking(customer: Samples.Anna with { Email = address })).ShouldHaveSingleItem().Audience.ShouldBe("company");
        Company(Samples.Booking(company: Samples.Salon with { ManagerEmails = [address] })).Cc.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("ru", "paid")]
    [InlineData("ru", "failed")]
    [InlineData("ru", "cancelled")]
    [InlineData("en", "paid")]
    [InlineData("en", "failed")]
    [InlineData("en", "cancelled")]
    public void Every_field_stands_in_both_parts_of_both_mails(string language, string what)
    {
        Outcome outcome = Enum.Parse<Outcome>(what, ignoreCase: true);
        BookingFinished booking = outcome switch
        {
            Outcome.Failed => Samples.Failed("insufficient_funds"),
            Outcome.Cancelled => Samples.Cancelled("company", "Мастер заболел", 150050),
            _ => Samples.Booking(),
        };
        booking = booking with { Customer = booking.Customer with { Locale = language } };
        string amount = language == "ru" ? "1500,50 RUB" : "1500.50 RUB";
        foreach (Mail mail in Write(outcome, booking, new MailOptions { Language = language, TimeZone = "Europe/Moscow" }))
        {
            mail.Language.ShouldBe(language);
            List<string> due =
            [
                "1017", booking.BookingId.ToString(), language == "ru" ? "Маникюр" : "Manicure", "Ромашка", "Москва, ул. Мира, 5", "+7 495 123-45-67",
                "14:30 (Europe/Moscow, UTC+03:00)", amount,
            ];
            if (outcome == Outcome.Failed)
            {
                due.Add(Texts.In(language).Reasons["insufficient_funds"]);
                due.Add(language == "ru" ? "Деньги не потеряны" : "No money is missing");
            }
            if (outcome == Outcome.Cancelled)
            {
                due.Add("Мастер заболел");
                due.Add(Texts.In(language).TheCompany);
                due.Add(Texts.In(language).Labels.Refunded);
            }
            if (mail.Audience == "company")
            {
                due.Add("Анна О'Нил");
                due.Add("anna@example.com");
            }
            foreach (string part in new[] { mail.Text, Decoded(mail.Html) })
            {
                due.ShouldAllBe(text => part.Contains(text, StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public void The_client_reads_the_language_of_their_profile_and_the_company_the_houses()
    {
        Client(Samples.Booking(customer: English)).Language.ShouldBe("en");
        Company(Samples.Booking(customer: English)).Language.ShouldBe("ru");
        Client(Samples.Booking()).Language.ShouldBe("ru");
        Client(Samples.Booking(customer: Samples.Anna with { Locale = "fr" })).Language.ShouldBe("ru");
    }

    [Theory]
    [InlineData("2026-07-01T10:00:00Z", "Europe/Berlin", "Wednesday, 1 July 2026, 12:00 (Europe/Berlin, UTC+02:00)")]
    [InlineData("2026-12-01T10:00:00Z", "Europe/Berlin", "Tuesday, 1 December 2026, 11:00 (Europe/Berlin, UTC+01:00)")]
    [InlineData("2026-10-25T00:30:00Z", "Europe/Berlin", "Sunday, 25 October 2026, 02:30 (Europe/Berlin, UTC+02:00)")]
    [InlineData("2026-10-25T01:30:00Z", "Europe/Berlin", "Sunday, 25 October 2026, 02:30 (Europe/Berlin, UTC+01:00)")]
    [InlineData("2027-01-01T02:30:00Z", "America/New_York", "Thursday, 31 December 2026, 21:30 (America/New_York, UTC-05:00)")]
    [InlineData("2026-07-01T10:00:00Z", "Asia/Kolkata", "Wednesday, 1 July 2026, 15:30 (Asia/Kolkata, UTC+05:30)")]
    [InlineData("2026-07-01T10:00:00Z", "No/Such", "Wednesday, 1 July 2026, 13:00 (Europe/Moscow, UTC+03:00)")]
    [InlineData("2026-07-01T10:00:00Z", "../../etc/passwd", "Wednesday, 1 July 2026, 13:00 (Europe/Moscow, UTC+03:00)")]
    public void Times_are_the_zones_own_also_around_the_change_of_clocks(string time, string zone, string expected) =>
        Client(Samples.Booking(customer: English with { TimeZone = zone }, time: DateTimeOffset.Parse(time))).Text.ShouldContain("Time: " + expected + "\n");

    [Fact]
    public void A_company_reads_its_own_time_and_the_clients_where_that_differs()
    {
        string text = Company(Samples.Booking(customer: English)).Text;
        text.ShouldContain("Время: понедельник, 7 декабря 2026, 14:30 (Europe/Moscow, UTC+03:00)\n");
        text.ShouldContain("Время клиента: понедельник, 7 декабря 2026, 06:30 (America/New_York, UTC-05:00)\n");
        Company(Samples.Booking()).Text.ShouldNotContain("Время клиента");
    }

    [Theory]
    [InlineData("insufficient_funds", null, "Reason: The balance did not cover the price.\n")]
    [InlineData("offer_withdrawn", null, "Reason: The company withdrew the offer.\n")]
    [InlineData("deadline", null, "Reason: The booking could not be completed in time.\n")]
    [InlineData("offer_taken", null, "Reason: This time is already taken.\n")]
    [InlineData("offer_not_found", null, "Reason: The offer was not found.\n")]
    [InlineData("brand_new_code", null, "Reason: The booking could not be completed (brand_new_code).\n")]
    [InlineData("The roof leaks, sorry", "company", "Reason: The roof leaks, sorry\n")]
    [InlineData("deadline", "company", "Reason: deadline\n")]
    [InlineData(null, "customer", "Reason: none given\n")]
    public void A_code_becomes_a_sentence_and_a_companys_words_stay(string? reason, string? cancelledBy, string line) =>
        Write(cancelledBy is null ? Outcome.Failed : Outcome.Cancelled, Samples.Booking(customer: English) with { Reason = reason, CancelledBy = cancelledBy })
            .Single(m => m.Audience == "client").Text.ShouldContain(line);

    [Fact]
    public void Both_languages_know_the_same_reasons() =>
        Texts.In("en").Reasons.Keys.ShouldBe(Texts.In("ru").Reasons.Keys, ignoreOrder: true);

    [Fact]
    public void Nothing_refunded_is_said()
    {
        Mail mail = Write(Outcome.Cancelled, Samples.Cancelled("customer", null, 0, Samples.Booking(customer: English))).Single(m => m.Audience == "client");
        mail.Text.ShouldContain("Cancelled by: you\nRefunded: nothing\n");
    }

    [Fact]
    public void Names_and_reasons_cannot_forge_headers_lines_or_markup()
    {
        const string Evil = "Eve\r\nBcc: thief@example.com\r\n\r\n<script>alert(1)</script>\u202Egnp.exe\u2028Цена: 0 RUB\"<img src=x onerror=alert(1)>&amp;";
        CompanyChanged company = Samples.Salon with { Name = Evil, Address = Evil, Phone = Evil };
        BookingFinished booking = Samples.Cancelled(
            "company", Evil, 100, Samples.Booking(company: company, customer: Samples.Anna with { FirstName = Evil, LastName = Evil }));
        foreach (Mail mail in Write(Outcome.Cancelled, booking))
        {
            mail.Html.ShouldNotContain("<script", Case.Insensitive);
            mail.Html.ShouldNotContain("<img", Case.Insensitive);
            mail.Html.ShouldContain("&lt;script&gt;alert(1)&lt;/script&gt;");
            mail.Html.ShouldContain("&amp;amp;");
            mail.Text.Split('\n').ShouldNotContain(line => line.StartsWith("Bcc", StringComparison.Ordinal) || line == "Цена: 0 RUB");
            (mail.Subject + mail.ToName + mail.Text.Replace("\n", "", StringComparison.Ordinal)).ShouldAllBe(c => !char.IsControl(c) && c != '\u202E' && c != '\u2028');

            MimeMessage message = Roundtrip(mail);
            message.Bcc.ShouldBeEmpty();
            message.To.Mailboxes.Select(m => m.Address).ShouldBe(mail.To);
            message.Cc.Mailboxes.Select(m => m.Address).ShouldBe(mail.Cc);
            message.Subject.ShouldBe(mail.Subject);
            message.Body.ShouldBeOfType<MultipartAlternative>().Count.ShouldBe(2);
        }
    }

    private static Mail Client(BookingFinished booking) => Write(Outcome.Paid, booking).Single(m => m.Audience == "client");

    private static Mail Company(BookingFinished booking) => Write(Outcome.Paid, booking).Single(m => m.Audience == "company");

    private static IReadOnlyList<Mail> Write(Outcome outcome, BookingFinished booking, MailOptions? options = null) =>
        new BookingMails(Options.Create(options ?? new MailOptions { TimeZone = "Europe/Moscow" })).Write(Guid.NewGuid(), outcome, booking);

    private static string Decoded(string html) => System.Net.WebUtility.HtmlDecode(html);

    private static MimeMessage Roundtrip(Mail mail)
    {
        var due = new Sending.DueMail(
            1, Guid.NewGuid(), Guid.NewGuid(), mail.Audience, mail.Kind, mail.MessageId, mail.Language, mail.ToName, [.. mail.To], [.. mail.Cc], [], [], mail.Subject, mail.Text, mail.Html,
            Samples.Appointment, 1);
        using var stream = new MemoryStream();
        Sending.MailMessage.Of(due, new MailOptions().Sender).WriteTo(stream);
        stream.Position = 0;
        return MimeMessage.Load(stream);
    }
}
