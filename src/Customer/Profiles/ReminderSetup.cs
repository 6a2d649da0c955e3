using BookSaga.Hosting.Auth;

namespace BookSaga.Customer.Profiles;

/// <summary>What this service has to do with reminders: it knows who wants them. Notification writes and sends them.</summary>
internal static class ReminderSetup
{
    internal static void AddReminders(this WebApplicationBuilder builder) => builder.Services.AddSingleton<UnsubscribeTokens>();

    internal static void MapReminders(this WebApplication app, RouteGroupBuilder api)
    {
        app.MapGrpcService<RemindersEndpoint>().RequireAuthorization(TokenCheck.InternalPolicy);
        Unsubscribe.Map(api);
    }
}
