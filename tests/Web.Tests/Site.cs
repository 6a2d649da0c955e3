using System.Diagnostics;
using System.Globalization;
using BookSaga.Launcher;
using BookSaga.Launcher.Postgres;
using BookSaga.Launcher.Processes;
using Microsoft.Playwright;
using Npgsql;

namespace BookSaga.Web.Tests;

/// <summary>One platform and one browser for all tests: the platform at <c>BOOKSAGA_URL</c>, else one of its own that is gone at the end.</summary>
public sealed class Site : IAsyncLifetime
{
    // The first is the same browser without a window, and a quarter quicker.
    private static readonly string[] s_browsers = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];
    private readonly TaskCompletionSource _done = new();
    private readonly string _home = Directory.CreateTempSubdirectory("booksaga-browser-").FullName;
    private Task<int>? _platform;
    private Workspace _workspace = Workspace.Default();
    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    public string Url { get; private set; } = "";

    public Seed Seed { get; private set; } = null!;

    /// <summary>Owns <see cref="Company"/>.</summary>
    public Person Owner { get; private set; } = null!;

    public long Company { get; private set; }

    /// <summary>Has the realm role <c>operator</c>.</summary>
    public Person Operator { get; private set; } = null!;

    /// <summary>Where messages to phones are files; the services of this process's platform inherit its setting.</summary>
    public string Messages { get; } = Environment.GetEnvironmentVariable("Sms__Directory") ?? Directory.CreateTempSubdirectory("booksaga-messages-").FullName;

    /// <summary>The source of axe-core.</summary>
    public string Axe { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout((float)Until.Patience.TotalMilliseconds);
        await InstallAsync("npm");
        await InstallAsync("chromium");
        Axe = await File.ReadAllTextAsync(Path.Combine(Workspace.Root, "tools", "node_modules", "axe-core", "axe.min.js"));
        Url = Environment.GetEnvironmentVariable("BOOKSAGA_URL") is { Length: > 0 } running ? running : await StartPlatformAsync();
        Seed = new Seed(Url);
        await SeedAsync();
        Operator = await Seed.KnownAsync(DemoUsers.Operator, new Secrets(_workspace.SecretsFile)["operator"]);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Array.Find(s_browsers, File.Exists),
            Args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
            Env = new Dictionary<string, string> { ["HOME"] = _home, ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin" },
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
        _done.TrySetResult();
        if (_platform is not null)
        {
            await _platform;
        }
        Directory.Delete(_home, recursive: true);
        if (_platform is not null)
        {
            Directory.Delete(Messages, recursive: true);
        }
    }

    /// <summary>The process of a service, to freeze or kill it.</summary>
    internal RunningProcess Process(string service) => PlatformState.Read(_workspace.StateFile)?.Process(service)?.Process ?? throw new InvalidOperationException($"{service} does not run");

    /// <summary>Changes a service's own tables, as only a fault can.</summary>
    internal async Task<int> ChangeAsync(string service, string sql, params object[] values)
    {
        string port = PlatformState.Read(_workspace.StateFile)!.Process(PlatformState.Postgres)!.Port!.Value.ToString(CultureInfo.InvariantCulture);
        string password = new Secrets(_workspace.SecretsFile)[$"postgres-{service}"];
        await using var connection = new NpgsqlConnection(new PostgresUrl($"postgres://{service}:{password}@127.0.0.1:{port}/{service}").ConnectionString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(values.Select(value => new NpgsqlParameter { Value = value }).ToArray());
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>What only the database server's own user may.</summary>
    internal async Task OnServerAsync(string sql)
    {
        int port = PlatformState.Read(_workspace.StateFile)!.Process(PlatformState.Postgres)!.Port!.Value;
        await using var connection = new NpgsqlConnection(PostgresCluster.Url(new Secrets(_workspace.SecretsFile), port).ConnectionString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A visitor with a browser profile of their own; without <paramref name="chooses"/> their language is only the browser's.</summary>
    public async Task<Visit> VisitAsync(Screen screen = Screen.Desktop, string language = "en", bool scripts = true, bool dark = false, bool chooses = true)
    {
        IBrowserContext context = await _browser.NewContextAsync(new()
        {
            BaseURL = Url,
            ViewportSize = Size(screen),
            IsMobile = screen == Screen.Phone,
            HasTouch = screen == Screen.Phone,
            JavaScriptEnabled = scripts,
            Locale = language == "ru" ? "ru-RU" : "en-GB",
            TimezoneId = "Europe/Moscow",
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout((float)Until.Patience.TotalMilliseconds);
        // A first visit without it is loaded twice: the script tells the server the browser's zone.
        await context.AddCookiesAsync([new() { Name = "zone", Value = "Europe/Moscow", Url = Url }]);
        if (chooses)
        {
            await context.AddCookiesAsync([new() { Name = "lang", Value = language, Url = Url }]);
        }
        return new Visit(this, context, await context.NewPageAsync(), screen, scripts, language + (dark ? "-dark" : ""));
    }

    internal static ViewportSize Size(Screen screen) => screen == Screen.Phone ? new() { Width = 390, Height = 844 } : new() { Width = 1280, Height = 900 };

    private async Task<string> StartPlatformAsync()
    {
        Environment.SetEnvironmentVariable("Sms__Provider", "File");
        Environment.SetEnvironmentVariable("Sms__Directory", Messages);
        var ready = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _platform = Task.Run(() => new ThrowAway { MailToFiles = true, LogsLeftIn = "Web.Tests" }.RunAsync(async (platform, stop) =>
        {
            await platform.StartAsync(stop);
            platform.DeclareReady();
            _workspace = new Workspace(Path.GetDirectoryName(platform.StateFile)!);
            ready.SetResult(platform.State.Url);
            await _done.Task.WaitAsync(stop);
            return 0;
        }));
        await await Task.WhenAny(ready.Task, _platform);
        return await ready.Task;
    }

    private async Task SeedAsync()
    {
        Owner = await Seed.PersonAsync("Борис", "Мастеров");
        Company = await Seed.CompanyAsync(Owner, "Барбершоп «Борода»", "Москва, Никольская улица, 10", 55.7570, 37.6210);
        long clinic = await Seed.CompanyAsync(Owner, "Smile Clinic", "Москва, Тверская улица, 7", 55.7600, 37.6090);
        long studio = await Seed.CompanyAsync(Owner, "Йога-дом", "Москва, Покровка, 12", 55.7590, 37.6450);
        foreach ((long company, int service, decimal price, int[] hours) in ((long, int, decimal, int[])[]) [(Company, 7, 1500m, [7, 8, 9, 11, 13, 15, 16]), (clinic, 15, 3200m, [6, 9, 12]), (studio, 31, 900m, [5, 16, 17]), (Company, 8, 2400.50m, [10, 14])])
        {
            foreach (int day in (int[])[1, 2, 3])
            {
                foreach (int hour in hours)
                {
                    await Seed.OfferAsync(Owner, company, service, price, day, hour, "Стрижка ножницами и машинкой, мытьё головы, укладка.", minute: hour % 2 * 30);
                }
            }
        }
    }

    private static async Task InstallAsync(string tool)
    {
        using Process script = System.Diagnostics.Process.Start(new ProcessStartInfo("/bin/sh", [Path.Combine(Workspace.Root, "tools", "install.sh"), tool]) { RedirectStandardOutput = true })!;
        string output = await script.StandardOutput.ReadToEndAsync();
        await script.WaitForExitAsync();
        if (script.ExitCode != 0)
        {
            throw new InvalidOperationException(output);
        }
    }
}

/// <summary>The two sizes that every page is looked at in.</summary>
public enum Screen
{
    Phone,
    Desktop,
}
