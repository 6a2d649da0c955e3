namespace BookSaga.Company.Offers.Weekly;

/// <summary>Registers weekly patterns and their recovery.</summary>
internal static class WeeklySetup
{
    internal static void AddWeeklyOffers(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<WeeklyOptions>().BindConfiguration("Weekly").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<WeeklyStore>();
        builder.Services.AddSingleton<WeeklyRun>();
        builder.Services.AddHostedService<WeeklySweeper>();
    }
}
