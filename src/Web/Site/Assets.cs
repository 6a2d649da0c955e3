using System.Collections.Frozen;
using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;

namespace BookSaga.Web.Site;

/// <summary>GET /assets/{name}: the embedded style, script, fonts and pictures. The address holds a hash of the content, so browsers keep them for a year.</summary>
public sealed class Assets
{
    private const string Prefix = "assets/";
    private const string Forever = "public, max-age=31536000, immutable";
    private readonly FrozenDictionary<string, Asset> _byAddress;
    private readonly FrozenDictionary<string, string> _addresses;

    public Assets()
    {
        var assembly = Assembly.GetExecutingAssembly();
        string[] names = [.. assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))];
        // Fonts and pictures first: the style names them.
        var addresses = new Dictionary<string, string>();
        var assets = new Dictionary<string, Asset>();
        foreach (string name in names.OrderBy(name => name.EndsWith(".css", StringComparison.Ordinal)))
        {
            using Stream stream = assembly.GetManifestResourceStream(name)!;
            using var content = new MemoryStream();
            stream.CopyTo(content);
            byte[] bytes = name.EndsWith(".css", StringComparison.Ordinal) ? WithAddresses(content.ToArray(), addresses) : content.ToArray();
            string shortName = name[Prefix.Length..];
            string address = $"/assets/{Path.GetFileNameWithoutExtension(shortName)}.{Convert.ToHexStringLower(SHA256.HashData(bytes))[..8]}{Path.GetExtension(shortName)}";
            addresses[shortName] = address;
            assets[address] = new Asset(bytes, Compress(shortName, bytes), Type(shortName));
        }
        _addresses = addresses.ToFrozenDictionary();
        _byAddress = assets.ToFrozenDictionary();
    }

    /// <summary>The address of <paramref name="name"/>, such as <c>app.css</c>.</summary>
    public string this[string name] => _addresses[name];

    public IResult Serve(HttpContext context)
    {
        if (!_byAddress.TryGetValue(context.Request.Path.Value!, out Asset? asset))
        {
            return Results.NotFound();
        }
        context.Response.Headers.CacheControl = Forever;
        byte[] bytes = asset.Content;
        if (asset.Brotli is { } brotli)
        {
            context.Response.Headers.Vary = "Accept-Encoding";
            if (context.Request.Headers.AcceptEncoding.ToString().Contains("br", StringComparison.Ordinal))
            {
                context.Response.Headers.ContentEncoding = "br";
                bytes = brotli;
            }
        }
        return Results.Bytes(bytes, asset.Type);
    }

    private static byte[] WithAddresses(byte[] style, Dictionary<string, string> addresses)
    {
        string text = System.Text.Encoding.UTF8.GetString(style);
        foreach ((string name, string address) in addresses)
        {
            text = text.Replace($"url({name})", $"url({address})", StringComparison.Ordinal);
        }
        return System.Text.Encoding.UTF8.GetBytes(text);
    }

    private static byte[]? Compress(string name, byte[] bytes)
    {
        if (name.EndsWith(".woff2", StringComparison.Ordinal))
        {
            return null; // compressed already
        }
        using var output = new MemoryStream();
        using (var brotli = new BrotliStream(output, CompressionLevel.SmallestSize))
        {
            brotli.Write(bytes);
        }
        return output.ToArray();
    }

    private static string Type(string name) => Path.GetExtension(name) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".png" => "image/png",
        ".woff2" => "font/woff2",
        _ => "application/octet-stream",
    };

    private sealed record Asset(byte[] Content, byte[]? Brotli, string Type);
}

/// <summary>The addresses that are no pages.</summary>
internal static class SiteRoutes
{
    internal static void MapAssets(this WebApplication app)
    {
        app.MapGet("/assets/{name}", (HttpContext context, Assets assets) => assets.Serve(context));
        app.MapGet("/favicon.ico", (Assets assets) => Results.Redirect(assets["favicon.svg"]));
    }
}
