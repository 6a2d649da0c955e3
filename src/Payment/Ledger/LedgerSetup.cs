namespace BookSaga.Payment.Ledger;

/// <summary>Registers what seals the ledger.</summary>
internal static class LedgerSetup
{
    internal static void AddLedger(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<LedgerOptions>().BindConfiguration("Ledger").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<LedgerMetrics>();
        builder.Services.AddSingleton<LedgerSealer>();
        builder.Services.AddHostedService(services => services.GetRequiredService<LedgerSealer>());
    }
}
