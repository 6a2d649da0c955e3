using BookSaga.Hosting.Data;

namespace BookSaga.Customer.Sagas;

/// <summary>How many sagas are live, and since when the oldest is.</summary>
internal static class SagaGauges
{
    // The partial indexes on live rows keep it cheap.
    private const string Sql = """
        SELECT 'book-offer', count(*)::float8, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 FROM booking WHERE live
        UNION ALL
        SELECT 'cancel-booking', count(*)::float8, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 FROM cancellation WHERE live
        """;

    internal static void AddSagaGauges(this IServiceCollection services) => services.AddDatabaseGauges(
        "saga", Sql, [],
        new DatabaseGauge("booksaga.sagas.live", "{saga}", "Sagas that have not ended."),
        new DatabaseGauge("booksaga.saga.oldest_live", "s", "Age of the oldest saga that has not ended."));
}
