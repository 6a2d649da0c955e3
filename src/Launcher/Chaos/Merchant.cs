using System.Globalization;

namespace BookSaga.Launcher.Chaos;

/// <summary>A company: keeps a few offers on the board, and takes some back, whether open, reserved or paid.</summary>
internal sealed class Merchant(Person person, Board board, Tally tally)
{
    private const int Tries = 12;
    private const int OnBoard = 8; // few, so that clients race
    private readonly List<long> _posted = [];
    private string _company = "";

    /// <summary>Opens the company.</summary>
    internal async Task PrepareAsync(CancellationToken ct)
    {
        await person.SignUpAsync(ct);
        Answer answer = await person.InsistAsync(
            "/company", new { name = "Chaos & Co", address = "1 Saga street", phone = "+1 555 0100" }, Guid.CreateVersion7().ToString(), Tries);
        _company = answer["id"] ?? throw new Failure($"A company could not be opened: {answer.Status} {answer.Text}");
    }

    internal async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            if (_posted.Count > 0 && person.Random.NextDouble() < 0.12)
            {
                await WithdrawAsync();
            }
            else if (board.Count < OnBoard)
            {
                await PostAsync();
            }
            await Task.Delay(TimeSpan.FromMilliseconds(person.Random.Next(10, 80)), CancellationToken.None);
        }
    }

    private async Task PostAsync()
    {
        string? key = person.Random.NextDouble() < 0.7 ? Guid.CreateVersion7().ToString() : null;
        DateTimeOffset when = TimeProvider.System.GetUtcNow().AddHours(person.Random.Next(30, 300));
        var body = new { service_id = person.Random.Next(7, 35), price = person.Random.Next(100, 4000) / 100m, datetime = when };
        string path = $"/company/{_company}/offers";
        tally.MeanPost();
        Answer answer = await person.InsistAsync(path, body, key, Tries);
        tally.Remember(person, path, body, key, answer, Tell);
        Tell(answer);

        void Tell(Answer told)
        {
            if (told.Status == 201 && long.TryParse(told["id"], CultureInfo.InvariantCulture, out long offer))
            {
                tally.Posted[offer] = true;
                _posted.Add(offer);
                board.Add(offer);
            }
        }
    }

    private async Task WithdrawAsync()
    {
        // One of the latest: open, just being booked, or paid a moment ago.
        int index = Math.Max(0, _posted.Count - 1 - person.Random.Next(12));
        long offer = _posted[index];
        _posted.RemoveAt(index);
        string? key = person.Random.NextDouble() < 0.5 ? Guid.CreateVersion7().ToString() : null;
        var body = new { reason = "chaos" };
        string path = FormattableString.Invariant($"/company/{_company}/offers/{offer}/cancel");
        Answer answer = await person.InsistAsync(path, body, key, Tries);
        tally.Remember(person, path, body, key, answer, Tell);
        Tell(answer);

        void Tell(Answer told)
        {
            if (told.Status == 200)
            {
                tally.Withdrawn[offer] = true;
                board.Remove(offer);
            }
        }
    }
}
