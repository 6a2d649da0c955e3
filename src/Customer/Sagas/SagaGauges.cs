using BookSaga.Hosting.Data;

namespace BookSaga.Customer.Sagas;

/// <summary>How many sagas are live, and since when the oldest is.</summary>
internal static class SagaGauges
{
    // The partial indexes on live rows keep it cheap.
    private const string Sql = """
        SELECT saga, count(created_at)::float8, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8,
               (count(*) FILTER (WHERE attempts >= $1 OR created_at <= now() - $2))::float8
        FROM (VALUES ('book-offer'), ('cancel-booking')) kind (saga)
        LEFT JOIN (
            SELECT 'book-offer' AS saga, attempts, created_at FROM booking WHERE live UNION ALL SELECT 'cancel-booking', attempts, created_at FROM cancellation WHERE live
        ) live USING (saga)
        GROUP BY saga
        """;

    internal static void AddSagaGauges(this WebApplicationBuilder builder)
    {
        SagaOptions options = builder.Configuration.GetSection("Saga").Get<SagaOptions>() ?? new SagaOptions();
        builder.Services.AddDatabaseGauges(
            "saga", Sql, [options.StuckAfterAttempts, options.StuckAfter],
            new DatabaseGauge("booksaga.sagas.live", "{saga}", "Sagas that have not ended."),
            new DatabaseGauge("booksaga.saga.oldest_live", "s", "Age of the oldest saga that has not ended."),
            new DatabaseGauge("booksaga.sagas.stuck", "{saga}", "Live sagas that were tried so often, or are so old, that somebody should look."));
    }
}
