using System.ComponentModel;
using System.Diagnostics;

namespace BookSaga.Launcher.Processes;

/// <summary>A program with its arguments, extra environment and working directory.</summary>
internal sealed record Command(string File, IReadOnlyList<string> Arguments)
{
    internal IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    internal string Directory { get; init; } = "/";

    /// <summary>Starts it without input, its output appended to <paramref name="log"/> by the kernel: nothing is lost when this process dies.</summary>
    internal Process StartLogged(string log) =>
        (this with { File = "/bin/sh", Arguments = ["-c", "exec \"$@\" </dev/null >>\"$0\" 2>&1", log, File, .. Arguments] }).Start();

    /// <summary>Starts it on this process's own input and output.</summary>
    internal Process Start() => Process.Start(Info(redirect: false)) ?? throw new Failure($"{File} could not be started.");

    /// <summary>Runs it to its end and returns its exit code (127: there is no such program) and everything it printed.</summary>
    internal async Task<(int Code, string Output)> RunAsync(CancellationToken ct)
    {
        try
        {
            using Process process = Process.Start(Info(redirect: true))!;
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(ct);
            Task<string> error = process.StandardError.ReadToEndAsync(ct);
            try
            {
                await process.WaitForExitAsync(ct);
                return (process.ExitCode, await output + await error);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }
        }
        catch (Win32Exception e)
        {
            return (127, e.Message);
        }
    }

    private ProcessStartInfo Info(bool redirect)
    {
        var info = new ProcessStartInfo(File, Arguments)
        {
            WorkingDirectory = Directory,
            RedirectStandardInput = redirect,
            RedirectStandardOutput = redirect,
            RedirectStandardError = redirect,
        };
        foreach ((string name, string value) in Environment)
        {
            info.Environment[name] = value;
        }
        return info;
    }
}
