using System.Diagnostics;
using BookSaga.Launcher.Processes;

namespace BookSaga.Launcher;

/// <summary>Waits for each service's <c>/readyz</c>, and says why one does not come.</summary>
internal sealed class Readiness(Action<string> say)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private const int CrashesBeforeGivingUp = 3;

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };

    /// <exception cref="Failure">The service keeps ending, or is not ready within three minutes.</exception>
    internal async Task WaitAsync(Child child, int port, CancellationToken ct)
    {
        var waited = Stopwatch.StartNew();
        string state = "it does not answer";
        while (waited.Elapsed < Limit && child.Restarts < CrashesBeforeGivingUp)
        {
            try
            {
                using HttpResponseMessage answer = await _http.GetAsync(new Uri(ServiceSettings.Address(port) + "/readyz"), ct);
                if (answer.IsSuccessStatusCode)
                {
                    say($"{child.Name} is ready");
                    return;
                }
                state = $"its /readyz answers {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(ct)}";
            }
            catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !ct.IsCancellationRequested))
            {
                // not listening yet
            }
            await Task.Delay(Poll, ct);
        }
        string why = child.Restarts >= CrashesBeforeGivingUp ? "it keeps ending" : state;
        throw new Failure($"{child.Name} did not become ready ({why}); its log {child.Log} ends with: {LastLine(child.Log)}");
    }

    private static string LastLine(string log) =>
        File.Exists(log) ? File.ReadLines(log).LastOrDefault(l => l.Trim().Length > 0)?.Trim() ?? "(nothing)" : "(nothing)";
}
