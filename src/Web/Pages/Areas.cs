using BookSaga.Web.Pages.Business;
using BookSaga.Web.Pages.Client;
using BookSaga.Web.Pages.Operator;

namespace BookSaga.Web.Pages;

/// <summary>What the three areas need beside their pages.</summary>
internal static class Areas
{
    internal static void AddAreas(this WebApplicationBuilder builder)
    {
        builder.AddCalendar();
        builder.AddBusiness();
        builder.AddOperatorPages();
    }

    /// <summary>What is no page: files and streams.</summary>
    internal static void MapAreas(this WebApplication app)
    {
        BookingEvents.Map(app);
        ClientFiles.Map(app);
        CalendarFile.Map(app);
        StatementFile.Map(app);
        Pulse.Map(app);
    }
}
