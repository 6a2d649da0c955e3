using System.Diagnostics.Metrics;

namespace BookSaga.Customer.Sagas;

/// <summary>What drives count, in this process: meter <c>BookSaga.Sagas</c>.</summary>
internal static class SagaMetrics
{
    private static readonly Meter Meter = new("BookSaga.Sagas");

    // Seconds. Idle, a booking takes some milliseconds; at the far end are the deadline and participants that are away.
    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "booksaga.saga.duration", "s", "From the saga's first commit to its last.", advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
        });

    private static readonly Counter<long> Begun = Meter.CreateCounter<long>("booksaga.sagas.started", "{saga}", "Sagas whose first commit this process made.");

    private static readonly Counter<long> Retries = Meter.CreateCounter<long>(
        "booksaga.saga.step_retries", "{retry}", "Commands sent again because their outcome was unknown; command finish: the last commit.");

    private static readonly Counter<long> Recovered = Meter.CreateCounter<long>(
        "booksaga.saga.recovered", "{saga}", "Sagas that another drive than their first one finished.");

    /// <summary>Counts the beginning of a saga.</summary>
    internal static void Started(string saga) => Begun.Add(1, new KeyValuePair<string, object?>("saga", saga));

    /// <summary>Counts the end of a saga that this drive finished.</summary>
    internal static void Finished(string saga, string outcome, string? reason, int epoch, TimeSpan? took)
    {
        if (took is { } duration)
        {
            Duration.Record(Math.Max(0, duration.TotalSeconds), new("saga", saga), new("outcome", outcome), new("reason", reason ?? ""));
        }
        if (epoch > 1)
        {
            Recovered.Add(1, new KeyValuePair<string, object?>("saga", saga));
        }
    }

    /// <summary>Counts a repetition of <paramref name="command"/>, or with null of the last commit.</summary>
    internal static void Retried<TCommand>(string saga, TCommand? command)
        where TCommand : struct, Enum =>
        Retries.Add(1, new("saga", saga), new("command", command?.ToString() ?? "finish"));
}
