using BookSaga.Hosting.Auth;

namespace BookSaga.Notification.Reminders;

/// <summary>Registers reminders.</summary>
internal static class ReminderSetup
{
    /// <summary>Adds their queue, their pump, and the way to the customer service.</summary>
    internal static void AddReminders(this WebApplicationBuilder builder)
    {
        builder.AddServiceClient<Contracts.Customer.Reminders.RemindersClient>("customer");
        builder.Services.AddSingleton<ReminderQueue>();
        builder.Services.AddHostedService<ReminderPump>();
    }
}
