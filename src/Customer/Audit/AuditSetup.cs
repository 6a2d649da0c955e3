using System.ComponentModel.DataAnnotations;
using BookSaga.Contracts.Audit;
using BookSaga.Hosting.Auth;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BookSaga.Customer.Audit;

/// <summary>Settings <c>Audit:*</c>.</summary>
internal sealed class AuditOptions
{
    /// <summary>The pause between two rounds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Bookings of this age or younger are compared in every round until they are settled.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan Recent { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How many pages of 200 of them at most, the oldest first.</summary>
    [Range(1, 1000)]
    public int RecentPages { get; set; } = 150;

    /// <summary>Every so many rounds the services look through their own tables, whole: offers and claims, postings and balances.</summary>
    [Range(1, 1000)]
    public int RoundsPerCheck { get; set; } = 6;

    /// <summary>Those looks grow with the tables. They come more rarely, so that they take no more than this share of the time.</summary>
    [Range(0.001, 1)]
    public double CheckShare { get; set; } = 0.01;

    /// <summary>How many pages of 200 older bookings a round compares besides.</summary>
    [Range(1, 1000)]
    public int PagesPerRound { get; set; } = 25;
}

/// <summary>Registers the auditor, its metric and its line in <c>/readyz</c>.</summary>
internal static class AuditSetup
{
    internal static void AddAudit(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<AuditOptions>().BindConfiguration("Audit").ValidateDataAnnotations().ValidateOnStart();
        builder.AddServiceClient<BookingAudit.BookingAuditClient>("booking");
        builder.AddServiceClient<PaymentAudit.PaymentAuditClient>("payment");
        builder.Services.AddSingleton<Auditor>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Auditor>());
        builder.Services.AddHealthChecks().AddCheck<AuditCheck>("invariants");
    }

    // A broken invariant does not make the service unready: the sagas must go on. It is told here, in the metric and to operators.
    private sealed class AuditCheck(Auditor auditor) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
            auditor.Findings.Count == 0
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Degraded("broken: " + string.Join(", ", auditor.Findings.GroupBy(f => f.Invariant).Select(g => $"{g.Key} {g.Count()}").Order())));
    }
}
