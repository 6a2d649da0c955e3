using System.Collections.Concurrent;
using System.Text.Json;
using BookSaga.Launcher;
using Microsoft.Playwright;

namespace BookSaga.Web.Tests;

/// <summary>One visitor's browser: remembers what went wrong in it, checks pages and takes their pictures.</summary>
public sealed class Visit : IAsyncDisposable
{
    private readonly Site _site;
    private readonly IBrowserContext _context;
    private readonly (string Name, int Width, int Height)[] _sizes;
    private readonly string _label;
    private readonly bool _scripts;

    /// <param name="site">Where.</param>
    /// <param name="context">The visitor's profile.</param>
    /// <param name="page">The only page in it.</param>
    /// <param name="screen">The visitor's own.</param>
    /// <param name="scripts">Whether the browser runs scripts.</param>
    /// <param name="label">What the pictures' names say of the visitor.</param>
    public Visit(Site site, IBrowserContext context, IPage page, Screen screen, bool scripts, string label)
    {
        (_site, _context, _scripts, _label, Page) = (site, context, scripts, label, page);
        _sizes = [.. Enum.GetValues<Screen>().OrderBy(other => other == screen).Select(other => (other.ToString().ToLowerInvariant(), Site.Size(other).Width, Site.Size(other).Height))];
        page.Console += (_, message) =>
        {
            if (message.Type == "error" && !message.Text.Contains("status of 4", StringComparison.Ordinal))
            {
                Errors.Enqueue(message.Text);
            }
        };
        page.PageError += (_, error) => Errors.Enqueue(error);
        page.Request += (_, request) => Requests.Enqueue(request.Url);
    }

    public IPage Page { get; }

    public IBrowserContext Context => _context;

    /// <summary>Errors on the console; refusals that a test provokes are not among them.</summary>
    public ConcurrentQueue<string> Errors { get; } = [];

    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>Opens a page.</summary>
    public async Task<IResponse> OpenAsync(string path) => (await Page.GotoAsync(path))!;

    /// <summary>Through the login page, back to <paramref name="path"/>.</summary>
    public async Task SignInAsync(Person person, string path = "/")
    {
        await OpenAsync("/sign-in?to=" + Uri.EscapeDataString(path));
        await LoginAsync(person.Email, person.Password);
        await Until.TrueAsync(IsBackAsync); // the next page must not overtake the login
    }

    // Playwright's own wait for an address misses what is told while it begins to listen.
    private async Task<bool> IsBackAsync()
    {
        try
        {
            return !Page.Url.Contains("/realms/", StringComparison.Ordinal) && await Page.EvaluateAsync<string>("document.readyState") != "loading";
        }
        catch (PlaywrightException)
        {
            return false; // another page has taken its place meanwhile
        }
    }

    /// <summary>Fills in the login page that is open.</summary>
    public async Task LoginAsync(string? email, string password = Seed.Password)
    {
        if (email is not null)
        {
            await Page.FillAsync("#username", email);
        }
        await Page.FillAsync("#password", password);
        await Page.ClickAsync("button[type=submit]");
    }

    /// <summary>Keeps a picture in each size in artifacts/screenshots, checks that nothing is wider than the screen, and asks axe-core in the visitor's own: no violations.</summary>
    public async Task CheckAsync(string name)
    {
        foreach ((string size, int width, int height) in _sizes)
        {
            // As high as the page: in a picture of a longer page the bar under the thumb would lie in its middle.
            await Page.SetViewportSizeAsync(width, height);
            await Page.SetViewportSizeAsync(width, Math.Max(height, await Page.EvaluateAsync<int>("document.documentElement.scrollHeight")));
            await Page.ScreenshotAsync(new() { Path = Path.Combine(Workspace.Root, "artifacts", "screenshots", $"{name}-{size}-{_label}.png") });
            int overflow = await Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
            overflow.ShouldBeLessThanOrEqualTo(0, $"{name} {_label} is wider than the {size}");
        }
        await Page.SetViewportSizeAsync(_sizes[^1].Width, _sizes[^1].Height);
        if (!_scripts)
        {
            return; // axe-core is one
        }
        await Page.EvaluateAsync(_site.Axe);
        JsonElement result = await Page.EvaluateAsync<JsonElement>("axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 160)).join(' | ')))");
        string[] violations = [.. result.EnumerateArray().Select(v => v.GetString()!)];
        violations.ShouldBeEmpty($"{name} {_label}");
        Errors.ShouldBeEmpty($"{name} {_label}");
        Requests.Where(url => !url.StartsWith(_site.Url, StringComparison.Ordinal) && !url.StartsWith("data:", StringComparison.Ordinal)).ShouldBeEmpty($"{name} asks others");
    }

    public ValueTask DisposeAsync() => _context.DisposeAsync();
}
