using BookSaga.Hosting.Auth;
using Microsoft.Extensions.Options;

namespace BookSaga.Web.Site;

/// <summary>Settings <c>Web:*</c>. A wrong one stops the start, and all wrong ones are named at once.</summary>
public sealed class WebOptions : IValidateOptions<WebOptions>
{
    /// <summary>Where people reach the platform, <c>https://host</c>; links, redirects and cookies follow it.</summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>Where the gateway is reached from here.</summary>
    public Uri? ApiUrl { get; set; }

    /// <summary>ISO 4217 code of all amounts.</summary>
    public string Currency { get; set; } = "RUB";

    /// <summary>IANA zone of times shown to visitors whose own is not known yet.</summary>
    public string TimeZone { get; set; } = "UTC";

    /// <summary>The longest wait for an answer of the API; longer than its own for a booking.</summary>
    public TimeSpan ApiTimeout { get; set; } = TimeSpan.FromSeconds(25);

    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, WebOptions options)
    {
        List<string> errors = [];
        if (!IsHttp(options.PublicUrl))
        {
            errors.Add("Web:PublicUrl must be the address that browsers use, such as https://books.example.");
        }
        if (!IsHttp(options.ApiUrl))
        {
            errors.Add("Web:ApiUrl must be the gateway's http:// address.");
        }
        if (options.Currency is not { Length: 3 } currency || !currency.All(char.IsAsciiLetterUpper))
        {
            errors.Add("Web:Currency must be an ISO 4217 code such as RUB.");
        }
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(options.TimeZone, out _))
        {
            errors.Add("Web:TimeZone must be an IANA zone such as Europe/Moscow.");
        }
        if (options.ApiTimeout <= TimeSpan.Zero)
        {
            errors.Add("Web:ApiTimeout must be a time such as 00:00:25.");
        }
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static bool IsHttp(Uri? uri) => uri is { IsAbsoluteUri: true, Scheme: "http" or "https" };
}

/// <summary>Setup of what all pages stand on.</summary>
internal static class SiteSetup
{
    internal static void AddWebOptions(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<IValidateOptions<WebOptions>, WebOptions>().AddOptions<WebOptions>().BindConfiguration("Web").ValidateOnStart();

    internal static void AddPages(this WebApplicationBuilder builder)
    {
        builder.Services.AddRazorComponents();
        // Russian letters as they are: a page of entities would be several times as long.
        builder.Services.AddSingleton(System.Text.Encodings.Web.HtmlEncoder.Create(System.Text.Unicode.UnicodeRanges.All));
        builder.Logging.AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Error); // warns that pages with forms are kept by nobody, as we say ourselves
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddResponseCompression(static compression => compression.EnableForHttps = true);
        // Errors are pages here, not the API's problems.
        foreach (ServiceDescriptor handler in builder.Services.Where(s => s.ServiceType == typeof(Microsoft.AspNetCore.Diagnostics.IExceptionHandler)).ToArray())
        {
            builder.Services.Remove(handler);
        }
        builder.Services.AddSingleton<Assets>();
        builder.Services.AddScoped<Forms>();
    }

    /// <summary>Behind the gateway and a load balancer a request knows neither the public scheme nor, always, the host: both are settings, and no header is believed.</summary>
    internal static void UsePublicAddress(this WebApplication app)
    {
        Uri url = app.Services.GetRequiredService<IOptions<WebOptions>>().Value.PublicUrl!;
        app.Use((context, next) =>
        {
            (context.Request.Scheme, context.Request.Host) = (url.Scheme, new HostString(url.Authority));
            return next(context);
        });
    }

    /// <summary>Pages load from ourselves alone, run no inline script or style, and are framed by nobody; forms go to ourselves and to the login page.</summary>
    internal static void UseSecurityHeaders(this WebApplication app)
    {
        string login = new Uri(app.Services.GetRequiredService<IOptions<AuthOptions>>().Value.Issuer).GetLeftPart(UriPartial.Authority);
        string policy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data: https:; connect-src 'self'; manifest-src 'self'; "
            + $"base-uri 'none'; form-action 'self' {login}; frame-ancestors 'none'";
        app.Use((context, next) =>
        {
            IHeaderDictionary headers = context.Response.Headers;
            headers.ContentSecurityPolicy = policy;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "same-origin";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Permissions-Policy"] = "geolocation=(self), camera=(), microphone=(), payment=()";
            headers.CacheControl = "no-store"; // a page shows who is signed in; assets say otherwise for themselves
            return next(context);
        });
    }
}
