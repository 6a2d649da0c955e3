using System.Net;
using System.Text.RegularExpressions;

namespace BookSaga.Identity.Tests;

/// <summary>A cookie jar that fills in the login form and follows redirects by hand.</summary>
internal sealed partial class Browser(Uri server) : IDisposable
{
    public HttpClient Http { get; } = new(new HttpClientHandler { AllowAutoRedirect = false, CheckCertificateRevocationList = true, CookieContainer = new CookieContainer() }) { BaseAddress = server };

    public void Dispose() => Http.Dispose();

    /// <summary>Signs in and gives the address that the client gets back.</summary>
    public async Task<Uri> SignInAsync(string url, string email, string password)
    {
        using HttpResponseMessage signedIn = await PostFormAsync(url, email, password);
        signedIn.StatusCode.ShouldBe(HttpStatusCode.Redirect, await signedIn.Content.ReadAsStringAsync());
        using HttpResponseMessage authorized = await Http.GetAsync(signedIn.Headers.Location);
        return authorized.Headers.Location ?? throw new InvalidOperationException(await authorized.Content.ReadAsStringAsync());
    }

    public async Task<(HttpStatusCode Status, string Page)> SubmitAsync(string url, string email, string password)
    {
        using HttpResponseMessage answer = await PostFormAsync(url, email, password);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Loads the page here, posts the form to <paramref name="other"/>, and comes back here.</summary>
    public async Task<Uri?> SignInAcrossAsync(Uri other, string url, string email)
    {
        string page = await Http.GetStringAsync(url);
        using var form = new FormUrlEncodedContent([.. Hidden(page), new("username", email), new("password", IdentityFixture.Password)]);
        using HttpResponseMessage signedIn = await Http.PostAsync(new Uri(other, WebUtility.HtmlDecode(FormAction().Match(page).Groups[1].Value)), form);
        signedIn.StatusCode.ShouldBe(HttpStatusCode.Redirect, await signedIn.Content.ReadAsStringAsync());
        using HttpResponseMessage authorized = await Http.GetAsync(signedIn.Headers.Location);
        return authorized.Headers.Location;
    }

    public static IEnumerable<KeyValuePair<string, string>> Hidden(string page) => HiddenField().Matches(page)
        .Select(m => KeyValuePair.Create(WebUtility.HtmlDecode(m.Groups[1].Value), WebUtility.HtmlDecode(m.Groups[2].Value)));

    private async Task<HttpResponseMessage> PostFormAsync(string url, string email, string password)
    {
        string page = await Http.GetStringAsync(url);
        using var form = new FormUrlEncodedContent([.. Hidden(page), new("username", email), new("password", password)]);
        return await Http.PostAsync(WebUtility.HtmlDecode(FormAction().Match(page).Groups[1].Value), form);
    }

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\">")]
    private static partial Regex HiddenField();

    [GeneratedRegex("<form method=\"post\" action=\"([^\"]*)\">")]
    private static partial Regex FormAction();
}
