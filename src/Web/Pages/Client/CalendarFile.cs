using System.Net.Mail;
using BookSaga.Web.Api;
using BookSaga.Web.Site;
using Ical.Net;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using Ical.Net.Serialization;
using Microsoft.Extensions.Options;

namespace BookSaga.Web.Pages.Client;

/// <summary>
/// GET /bookings/{id}/calendar.ics: the appointment for the client's calendar (RFC 5545). Its UID is that of the mail's calendar part, so whoever takes both has
/// one appointment; times are UTC, so no calendar has to know a zone.
/// </summary>
internal static class CalendarFile
{
    internal static void AddCalendar(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<IValidateOptions<CalendarOptions>, CalendarOptions>().AddOptions<CalendarOptions>().BindConfiguration("Mail").ValidateOnStart();

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet(ClientRoutes.CalendarFile, HandleAsync).RequireAuthorization();

    private static async Task HandleAsync(Guid id, HttpContext context, BookSagaApi api, IOptions<CalendarOptions> calendar, IOptions<WebOptions> web, CancellationToken gone)
    {
        Answer<Booking> booking = await api.GetAsync<Booking>($"/customer/bookings/{id}", gone);
        if (booking.Value is not { Offer: { } offer, Status: "paid" or "cancelled" or "completed" } found)
        {
            context.Response.StatusCode = booking.Problem is { IsUnknown: true } ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status404NotFound;
            return;
        }
        // Without the company there is still a time to keep.
        Company? company = (await api.GetAsync<Company>(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/companies/{offer.CompanyId}"), gone)).Value;
        Hosting.Http.Attachment.Begin(context, "text/calendar; charset=utf-8", "booking.ics");
        await context.Response.WriteAsync(Write(found, company, calendar.Value, new Uri(web.Value.PublicUrl!, ClientRoutes.BookingOf(id))), gone);
    }

    /// <summary>The iCalendar object; PUBLISH, because it asks nobody for an answer (RFC 5546, 3.2.1).</summary>
    internal static string Write(Booking booking, Company? company, CalendarOptions options, Uri link)
    {
        bool cancelled = booking.Status == "cancelled";
        Offer offer = booking.Offer!;
        var sender = new MailAddress(options.From);
        var appointment = new CalendarEvent
        {
            Uid = $"{booking.Id}@{sender.Host}",
            Sequence = cancelled ? 1 : 0, // as in mails
            DtStamp = Utc(booking.FinishedAt ?? booking.CreatedAt),
            DtStart = Utc(offer.Datetime),
            DtEnd = Utc(offer.Datetime + options.AppointmentLength),
            Summary = Line($"{offer.ServiceName}: {offer.CompanyName}"),
            Location = company is null ? null : Line(company.Address),
            Description = (company is null ? "" : Line($"{company.Name}, {company.Phone}") + "\n") + link.AbsoluteUri,
            Url = link,
            Status = cancelled ? EventStatus.Cancelled : EventStatus.Confirmed,
            Transparency = TransparencyType.Opaque,
            Organizer = new Organizer { Value = new Uri("mailto:" + sender.Address), CommonName = sender.DisplayName.Replace('"', '\'') },
        };
        var calendar = new Calendar { ProductId = "-//BookSaga//Bookings//EN", Method = CalendarMethods.Publish };
        calendar.Events.Add(appointment);
        return new CalendarSerializer().SerializeToString(calendar) ?? throw new InvalidOperationException("nothing was serialized");
    }

    private static CalDateTime Utc(DateTimeOffset time) => new(time.UtcDateTime);

    private static string Line(string text) => text.ReplaceLineEndings(" ").Trim();
}

/// <summary>Settings <c>Mail:From</c> and <c>Mail:AppointmentLength</c>, the same as notification's: calendars know an appointment by the sender's domain.</summary>
internal sealed class CalendarOptions : IValidateOptions<CalendarOptions>
{
    /// <summary>Who sends mails.</summary>
    public string From { get; set; } = "BookSaga <no-reply@localhost>";

    /// <summary>How long an appointment lasts; offers have no length of their own.</summary>
    public TimeSpan AppointmentLength { get; set; } = TimeSpan.FromHours(1);

    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, CalendarOptions options)
    {
        List<string> errors = [];
        if (!MailAddress.TryCreate(options.From, out _))
        {
            errors.Add("Mail:From must be an address such as BookSaga <no-reply@books.example>.");
        }
        if (options.AppointmentLength < TimeSpan.FromMinutes(1) || options.AppointmentLength > TimeSpan.FromDays(1))
        {
            errors.Add("Mail:AppointmentLength must be 00:01:00 to 1.00:00:00.");
        }
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
