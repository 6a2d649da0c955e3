using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace BookSaga.Launcher.Demo;

/// <summary>The mails that one person got, from maildev or from the folder of <c>.eml</c> files.</summary>
internal sealed class Mailbox(HttpClient http, MailState mail)
{
    /// <summary>Waits until <paramref name="recipient"/> has <paramref name="count"/> mails and returns their subjects, oldest first.</summary>
    /// <exception cref="Failure">They are not there within 20 seconds.</exception>
    internal async Task<IReadOnlyList<string>> WaitAsync(string recipient, int count)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(TimeSpan.FromMilliseconds(250)))
        {
            IReadOnlyList<string> subjects = mail.Web is { } web ? await CaughtAsync(web, recipient) : await WrittenAsync(recipient);
            if (subjects.Count >= count)
            {
                return subjects;
            }
            if (waited.Elapsed > TimeSpan.FromSeconds(20))
            {
                throw new Failure($"{recipient} got {subjects.Count} mails where the story says {count}.");
            }
        }
    }

    private async Task<IReadOnlyList<string>> CaughtAsync(string web, string recipient)
    {
        JsonElement all = await http.GetFromJsonAsync<JsonElement>(new Uri(web + "/api/email"));
        return
        [
            .. all.EnumerateArray()
                .Where(m => m.GetProperty("to").EnumerateArray().Any(to => Same(to.GetProperty("address").GetString(), recipient)))
                .OrderBy(m => m.GetProperty("time").GetString(), StringComparer.Ordinal)
                .Select(m => m.GetProperty("subject").GetString() ?? ""),
        ];
    }

    private async Task<IReadOnlyList<string>> WrittenAsync(string recipient)
    {
        var subjects = new List<string>();
        foreach (FileInfo file in new DirectoryInfo(mail.Directory!).GetFiles("*.eml").OrderBy(f => f.LastWriteTimeUtc))
        {
            string[] headers = [.. (await File.ReadAllLinesAsync(file.FullName)).TakeWhile(line => line.Length > 0)];
            if (headers.Any(h => h.StartsWith("To:", StringComparison.OrdinalIgnoreCase) && h.Contains(recipient, StringComparison.OrdinalIgnoreCase)))
            {
                subjects.Add(file.Name);
            }
        }
        return subjects;
    }

    private static bool Same(string? address, string recipient) => string.Equals(address, recipient, StringComparison.OrdinalIgnoreCase);
}
