namespace BookSaga.Payment.Ledger;

/// <summary>Registers what seals the ledger, and maps what everybody may read of it.</summary>
internal static class LedgerSetup
{
    internal static void AddLedger(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<LedgerOptions>().BindConfiguration("Ledger").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<LedgerMetrics>();
        builder.Services.AddSingleton<LedgerSealer>();
        builder.Services.AddHostedService(services => services.GetRequiredService<LedgerSealer>());
    }

    internal static void MapLedger(this IEndpointRouteBuilder api)
    {
        GetLedger.Map(api);
        GetBlock.Map(api);
    }
}
