using System.Collections.Concurrent;

namespace BookSaga.Launcher.Chaos;

/// <summary>A keyed request whose first final answer must come again for ever.</summary>
/// <param name="Who">Asked.</param>
/// <param name="Path">For what.</param>
/// <param name="Body">With what.</param>
/// <param name="Key">The key.</param>
/// <param name="First">The final answer, where one came.</param>
/// <param name="Tell">Takes the final answer that comes later, where none came.</param>
internal sealed record Keyed(Person Who, string Path, object? Body, string Key, Answer? First, Action<Answer> Tell);

/// <summary>What was asked and what was told, kept to be held against the databases.</summary>
internal sealed class Tally
{
    private int _tried;
    private int _paid;
    private int _failed;
    private int _unknown;

    /// <summary>Bookings asked for.</summary>
    internal int Tried => _tried;

    /// <summary>Bookings told to be paid.</summary>
    internal int Paid => _paid;

    /// <summary>Bookings told to have failed.</summary>
    internal int Failed => _failed;

    /// <summary>Bookings whose client hung up, or got no final answer.</summary>
    internal int Unknown => _unknown;

    /// <summary>How often each status came; 0: no answer.</summary>
    internal ConcurrentDictionary<int, int> Statuses { get; } = new();

    /// <summary>The last that was told of a booking: <c>paid</c>, <c>failed</c> or <c>cancelled</c>.</summary>
    internal ConcurrentDictionary<Guid, string> Bookings { get; } = new();

    /// <summary>Offers told to be posted.</summary>
    internal ConcurrentDictionary<long, bool> Posted { get; } = new();

    /// <summary>Offers told to be withdrawn by their company.</summary>
    internal ConcurrentDictionary<long, bool> Withdrawn { get; } = new();

    /// <summary>Offers that companies meant to post: an upper limit of those that may exist.</summary>
    internal int PostsMeant => _postsMeant;

    /// <summary>Cents told to be added to balances.</summary>
    internal long ToppedUp => _toppedUp;

    /// <summary>Cents meant to be added: an upper limit.</summary>
    internal long TopUpsMeant => _topUpsMeant;

    /// <summary>Requests that carried a key.</summary>
    internal ConcurrentQueue<Keyed> Keys { get; } = new();

    private int _postsMeant;
    private long _toppedUp;
    private long _topUpsMeant;

    internal void Answered(Answer answer) => Statuses.AddOrUpdate(answer.Status ?? 0, 1, static (_, n) => n + 1);

    internal void Ask() => Interlocked.Increment(ref _tried);

    internal void MeanPost() => Interlocked.Increment(ref _postsMeant);

    internal void MeanTopUp(long cents) => Interlocked.Add(ref _topUpsMeant, cents);

    internal void ToldTopUp(long cents) => Interlocked.Add(ref _toppedUp, cents);

    /// <summary>Keeps what a client was told of a booking.</summary>
    /// <returns>The booking if it is the client's.</returns>
    internal Guid? ToldBooking(Answer answer)
    {
        if (!answer.IsFinal)
        {
            Interlocked.Increment(ref _unknown);
            return null;
        }
        Interlocked.Increment(ref answer.Status == 200 ? ref _paid : ref _failed);
        return KeepBooking(answer);
    }

    /// <summary>Keeps a final answer to a booking; gives the booking if it is the client's.</summary>
    internal Guid? KeepBooking(Answer answer)
    {
        bool ended = answer.Status == 200;
        if (!Guid.TryParse(ended ? answer["id"] : answer.Location?.Split('/')[^1], out Guid booking))
        {
            return null;
        }
        string status = ended ? answer["status"] ?? "" : "failed";
        Bookings[booking] = status;
        return status == "paid" ? booking : null;
    }

    /// <summary>Keeps a request for the replay at the end; one without a key has none.</summary>
    internal void Remember(Person who, string path, object? body, string? key, Answer answer, Action<Answer> tell)
    {
        if (key is not null)
        {
            Keys.Enqueue(new Keyed(who, path, body, key, answer.IsFinal ? answer : null, tell));
        }
    }
}
