using System.Collections.Concurrent;
using BookSaga.Web.Words;

namespace BookSaga.Web.Api;

/// <summary>The categories in the visitor's language. They change with a release and are on every search page, so they are asked for once a minute; when that fails the last ones do.</summary>
internal sealed class ServiceTree(TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, Known> _byLanguage = new();

    /// <summary>Empty when there were never any to be had.</summary>
    internal async Task<IReadOnlyList<Service>> ReadAsync(BookSagaApi api, Visitor visitor, CancellationToken ct)
    {
        if (_byLanguage.TryGetValue(visitor.Language, out Known? known) && time.GetElapsedTime(known.At) < Fresh)
        {
            return known.Services;
        }
        if ((await api.GetAsync<List<Service>>("/booking/services", ct)).Value is { } services)
        {
            known = _byLanguage[visitor.Language] = new Known(services, time.GetTimestamp());
        }
        return known?.Services ?? [];
    }

    private sealed record Known(IReadOnlyList<Service> Services, long At);
}
