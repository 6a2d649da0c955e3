using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace BookSaga.Notification.Tests;

/// <summary>The mail catcher that `make up` starts, where `tools/` is installed.</summary>
public sealed class MaildevTests(Authority authority)
{
    [Fact]
    public async Task Maildev_shows_the_mails_as_they_were_written()
    {
        string? maildev = Find();
        Assert.SkipWhen(maildev is null, "tools/node_modules/.bin/maildev is not installed");
        int smtp = FreePort.Next();
        int web = FreePort.Next();
        using Process process = Process.Start(new ProcessStartInfo(maildev, ["--ip", "127.0.0.1", "--smtp", $"{smtp}", "--web", $"{web}", "--web-ip", "127.0.0.1", "--silent"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            await using PostOffice office = await PostOffice.OpenAsync(authority, serve: false, settings: new() { ["Mail:Smtp"] = $"smtp://127.0.0.1:{smtp}" });
            await office.DeliverAllAsync(Samples.Paid());
            await office.UntilSentAsync(2, TimeSpan.FromMinutes(1));
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{web}") };
            JsonElement mails = await http.GetFromJsonAsync<JsonElement>("/api/email");
            mails.GetArrayLength().ShouldBe(2);
            JsonElement client = mails.EnumerateArray().Single(m => m.GetProperty("to")[0].GetProperty("address").GetString() == "anna@example.com");
            client.GetProperty("subject").GetString().ShouldBe("Запись оплачена: Маникюр, Салон «Ромашка»");
            client.GetProperty("text").GetString()!.ShouldContain("Здравствуйте, Анна!");
            client.GetProperty("html").GetString()!.ShouldContain("Салон «Ромашка»");
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private static string? Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "tools", "node_modules", ".bin", "maildev");
            if (File.Exists(path))
            {
                return path;
            }
        }
        return null;
    }
}
