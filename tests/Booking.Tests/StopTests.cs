using System.Diagnostics;
using System.Net;
using System.Text.Json;
using BookSaga.Booking.Reservations;
using BookSaga.Hosting.Data;

namespace BookSaga.Booking.Tests;

/// <summary>How a process comes and goes where others start and stop it.</summary>
public sealed class StopTests : IAsyncLifetime
{
    private TestAuthority _authority = null!;
    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync()
    {
        _authority = await TestAuthority.StartAsync();
        _database = await TestDatabase.CreateAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await _authority.DisposeAsync();
    }

    [Fact]
    public async Task A_process_that_is_told_to_stop_says_so_and_serves_on_until_the_delay_is_over()
    {
        TestService<ReservationSteps> service = await new TestService<ReservationSteps>(_authority, _database.Url, new() { ["Shutdown:Delay"] = "00:00:04" }).StartAsync();
        using HttpClient http = service.Http(null);
        (await http.GetAsync("/api/v1/booking/services")).Headers.ConnectionClose.ShouldNotBe(true);
        var stopping = Stopwatch.StartNew();

        Task stop = Task.Run(async () => await service.DisposeAsync());
        HttpResponseMessage ready;
        while ((ready = await http.GetAsync("/readyz")).StatusCode == HttpStatusCode.OK && stopping.Elapsed < TimeSpan.FromSeconds(3))
        {
            await Task.Delay(10);
        }
        HttpResponseMessage served = await http.GetAsync("/api/v1/booking/services");

        ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        JsonDocument.Parse(await ready.Content.ReadAsStringAsync()).RootElement.GetProperty("checks").GetProperty("shutdown").GetString().ShouldBe("stopping");
        served.StatusCode.ShouldBe(HttpStatusCode.OK);
        served.Headers.ConnectionClose.ShouldBe(true);
        await stop;
        stopping.Elapsed.ShouldBeGreaterThan(TimeSpan.FromSeconds(3.9));
        await http.GetAsync("/healthz").BreaksOffAsync();
    }

    [Fact]
    public async Task With_the_argument_migrate_it_brings_its_database_to_its_version_and_ends()
    {
        string secrets = Directory.CreateTempSubdirectory("booksaga-").FullName;
        // As Kubernetes mounts a Secret: the files, and the folder of this version.
        Directory.CreateDirectory(Path.Combine(secrets, "..2026_11_26"));
        await File.WriteAllTextAsync(Path.Combine(secrets, "Database__Url"), _database.Url);

        (int code, string output) = await RunAsync(new() { ["Secrets__Directory"] = secrets }, "migrate");

        Directory.Delete(secrets, recursive: true);
        code.ShouldBe(0, output);
        output.ShouldContain("0001_offers.sql applied");
        (await _database.Db.QueryFirstAsync("SELECT count(*) FROM offer", r => r.GetInt64(0), default)).ShouldBe(0);
    }

    [Fact]
    public async Task A_folder_of_secrets_that_is_not_there_stops_the_start()
    {
        (int code, string output) = await RunAsync(new() { ["Secrets__Directory"] = "/nowhere", ["Database__Url"] = _database.Url }, "migrate");

        code.ShouldNotBe(0);
        output.ShouldContain("/nowhere");
    }

    private static async Task<(int Code, string Output)> RunAsync(Dictionary<string, string> settings, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "BookSaga.Booking.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string key, string value) in settings.Concat([KeyValuePair.Create("Services__payment", "http://127.0.0.1:9"), KeyValuePair.Create("Services__customer", "http://127.0.0.1:9")]))
        {
            start.Environment[key] = value;
        }
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().InTimeAsync();
        return (process.ExitCode, output + await error);
    }
}
