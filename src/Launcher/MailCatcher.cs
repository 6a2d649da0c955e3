using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using BookSaga.Launcher.Processes;

namespace BookSaga.Launcher;

/// <summary>Where mail goes on one machine: an SMTP server of your own, else maildev where node is, else files.</summary>
internal static class MailCatcher
{
    private static readonly TimeSpan InstallLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    /// <summary>Decides, installing maildev at need. Nothing here keeps the platform from starting.</summary>
    internal static async Task<MailState> PrepareAsync(Workspace workspace, int smtpPort, int webPort, Action<string> say, CancellationToken ct)
    {
        if (Environment.GetEnvironmentVariable("Mail__Smtp") is { Length: > 0 } own)
        {
            return new MailState { Smtp = own };
        }
        (int code, string output) = await InstallAsync(say, ct);
        if (code != 0)
        {
            string reason = output.Trim() is { Length: > 0 } text ? text.Split('\n')[^1] : "maildev could not be installed";
            say($"mail goes to files in {workspace.Mail}: {reason}");
            return new MailState { Directory = workspace.Mail };
        }
        return new MailState { Smtp = Text($"smtp://127.0.0.1:{smtpPort}"), Web = ServiceSettings.Address(webPort) };
    }

    /// <summary>maildev on loopback, keeping the last 2,000 mails in the data folder.</summary>
    internal static Command Command(Workspace workspace, int smtpPort, int webPort) => new(
        "node",
        [
            "--max-old-space-size=96", Path.Combine(Workspace.Root, "tools", "node_modules", "maildev", "dist", "bin", "maildev.js"),
            "--ip", "127.0.0.1", "--smtp", Text($"{smtpPort}"), "--web-ip", "127.0.0.1", "--web", Text($"{webPort}"),
            "--mail-directory", workspace.Mail, "--max-emails", "2000", "--silent",
        ])
    {
        Directory = workspace.Data,
    };

    /// <summary>Whether maildev comes up: not every version of node can run it.</summary>
    internal static async Task<bool> AnswersAsync(Child catcher, int webPort, CancellationToken ct)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < StartLimit && catcher.Restarts == 0; await Task.Delay(TimeSpan.FromMilliseconds(100), ct))
        {
            try
            {
                using var connection = new TcpClient();
                await connection.ConnectAsync(IPAddress.Loopback, webPort, ct);
                return true;
            }
            catch (SocketException)
            {
                // not listening yet
            }
        }
        return false;
    }

    private static async Task<(int Code, string Output)> InstallAsync(Action<string> say, CancellationToken ct)
    {
        string tools = Path.Combine(Workspace.Root, "tools");
        var install = new Command("/bin/sh", ["install.sh", "npm"]) { Directory = tools };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(InstallLimit);
        try
        {
            if (!Directory.Exists(Path.Combine(tools, "node_modules", "maildev")))
            {
                say("preparing the mail catcher (npm, once)");
            }
            return await install.RunAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return (1, $"npm took longer than {InstallLimit.TotalMinutes:0} minutes");
        }
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
