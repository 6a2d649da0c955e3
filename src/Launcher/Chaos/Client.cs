using System.Collections.Concurrent;

namespace BookSaga.Launcher.Chaos;

/// <summary>Offers that were open when last heard of; clients race for them.</summary>
internal sealed class Board
{
    private readonly ConcurrentDictionary<long, bool> _open = new();

    internal int Count => _open.Count;

    internal void Add(long offer) => _open[offer] = true;

    internal void Remove(long offer) => _open.TryRemove(offer, out _);

    /// <summary>One of them, by chance; null when there is none.</summary>
    internal long? Pick(Random random) => _open.Keys.ToArray() is { Length: > 0 } open ? open[random.Next(open.Length)] : null;
}

/// <summary>A client: books, hangs up, asks again under the same key, tops up, cancels; without end.</summary>
internal sealed class Client(Person person, Board board, Tally tally)
{
    private const int Tries = 12;
    private readonly List<(Guid Booking, long Offer)> _mine = [];

    /// <summary>Gets an account with money.</summary>
    internal async Task PrepareAsync(CancellationToken ct)
    {
        await person.SignUpAsync(ct);
        _ = await person.InsistAsync("/customer/payment/create-account", null, Guid.CreateVersion7().ToString(), Tries);
        await TopUpAsync();
    }

    internal async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            if (_mine.Count > 0 && person.Random.NextDouble() < 0.15)
            {
                await CancelAsync();
            }
            else if (person.IsPatient && person.Random.NextDouble() < 0.003)
            {
                await person.LoginAsync(); // few, for a password costs a second of a processor, as it must
            }
            else if (board.Pick(person.Random) is { } offer)
            {
                await BookAsync(offer);
            }
            await Task.Delay(TimeSpan.FromMilliseconds(person.Random.Next(10, 120)), CancellationToken.None);
        }
    }

    private async Task BookAsync(long offer)
    {
        string? key = person.Random.NextDouble() < 0.6 ? Guid.CreateVersion7().ToString() : null;
        TimeSpan? patience = person.Random.NextDouble() < 0.15 && !person.IsPatient ? TimeSpan.FromMilliseconds(person.Random.Next(1, 60)) : null;
        string path = FormattableString.Invariant($"/customer/offer/{offer}/book");
        tally.Ask();
        Answer answer = await person.InsistAsync(path, null, key, Tries, patience);
        tally.Remember(person, path, null, key, answer, late => tally.KeepBooking(late));
        if (tally.ToldBooking(answer) is { } booking)
        {
            _mine.Add((booking, offer));
        }
        if (answer.Status is 200 or 404 or 409)
        {
            board.Remove(offer);
        }
        else if (answer.Status == 422)
        {
            await TopUpAsync();
        }
    }

    private async Task TopUpAsync()
    {
        int amount = person.Random.Next(20, 200);
        string key = Guid.CreateVersion7().ToString();
        var body = new { amount };
        tally.MeanTopUp(amount * 100L);
        Answer answer = await person.InsistAsync("/customer/payment/top-up", body, key, Tries);
        tally.Remember(person, "/customer/payment/top-up", body, key, answer, Tell);
        Tell(answer);

        void Tell(Answer told)
        {
            if (told.Status == 200)
            {
                tally.ToldTopUp(amount * 100L);
            }
        }
    }

    private async Task CancelAsync()
    {
        int index = person.Random.Next(_mine.Count);
        (Guid booking, long offer) = _mine[index];
        _mine.RemoveAt(index);
        string? key = person.Random.NextDouble() < 0.5 ? Guid.CreateVersion7().ToString() : null;
        string path = $"/customer/bookings/{booking}/cancel";
        Answer answer = await person.InsistAsync(path, null, key, Tries);
        tally.Remember(person, path, null, key, answer, Tell);
        Tell(answer);

        void Tell(Answer told)
        {
            if (told.Status == 200)
            {
                tally.Bookings[booking] = told["status"] ?? "";
                board.Add(offer);
            }
        }
    }
}
