using System.Diagnostics;

namespace BookSaga.Saga.Tests;

/// <summary>A service as a process of its own, which can be killed.</summary>
public sealed class ServiceProcess : IDisposable
{
    private readonly Process _process;

    private ServiceProcess(Process process) => _process = process;

    /// <summary>How long it took to be ready.</summary>
    public TimeSpan StartTook { get; private set; }

    /// <summary>Starts the service <paramref name="name"/> with <paramref name="settings"/> and waits until it is ready.</summary>
    public static async Task<ServiceProcess> StartAsync(string name, Dictionary<string, string> settings)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, $"BookSaga.{char.ToUpperInvariant(name[0])}{name[1..]}.dll")]) { RedirectStandardOutput = true };
        foreach ((string key, string value) in settings)
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }
        var starting = Stopwatch.StartNew();
        Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        var service = new ServiceProcess(process);
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{settings["Listen:HttpPort"]}") };
            await Until.TrueAsync(() => process.HasExited ? throw new InvalidOperationException($"{name} ended with {process.ExitCode}") : IsReadyAsync(http));
        }
        catch
        {
            service.Dispose();
            throw;
        }
        service.StartTook = starting.Elapsed;
        return service;
    }

    /// <summary>Kills it, if it is still there.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
        _process.Dispose();
    }

    private static async Task<bool> IsReadyAsync(HttpClient http)
    {
        try
        {
            return (await http.GetAsync("/readyz")).IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or System.Net.Sockets.SocketException)
        {
            return false; // it does not listen yet
        }
    }
}
