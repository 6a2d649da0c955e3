using System.Diagnostics;
using BookSaga.Launcher.Chaos;

namespace BookSaga.Load;

/// <summary>Bookings by a crowd, each of an offer of its own.</summary>
internal sealed class Bookings(Databases databases, int gateway, Crowd crowd, Action<string> say)
{
    private long _nextOffer;
    private long _lastOffer;

    /// <summary>Makes open offers for <paramref name="count"/> bookings; what an earlier load has left is used first, unless <paramref name="all"/> are to be new.</summary>
    internal async Task OffersAsync(long count, bool all = false)
    {
        long missing = all ? count : count - (_lastOffer - _nextOffer);
        if (missing > 0)
        {
            long first = await new Seed(databases).OffersAsync(missing, say);
            if (_lastOffer == 0 || first != _lastOffer + 1)
            {
                _nextOffer = first - 1;
            }
            _lastOffer = first + missing - 1;
        }
    }

    /// <summary>A load that books one offer after the other, the crowd's customers in turn.</summary>
    internal Generator Load() => new(gateway, (buffer, number) =>
    {
        long offer = Interlocked.Increment(ref _nextOffer);
        return crowd.Write(buffer, "POST "u8, "/api/v1/customer/offer/"u8, offer <= _lastOffer ? offer : throw new UnreachableException("more was booked than was seeded"), "/book"u8, (int)(number % crowd.Count));
    });
}
