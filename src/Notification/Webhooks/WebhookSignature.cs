using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BookSaga.Notification.Webhooks;

/// <summary>Standard Webhooks 1.0.0, "Signature scheme", symmetric: HMAC-SHA256 over <c>id.timestamp.body</c>.</summary>
internal static class WebhookSignature
{
    private const string Prefix = "whsec_";

    // The specification asks for 24 to 64.
    private const int SecretBytes = 32;

    /// <summary>A new random secret.</summary>
    internal static string NewSecret() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>The header <c>webhook-signature</c>: one <c>v1</c> signature for each of <paramref name="secrets"/>, which is how receivers survive a rotation.</summary>
    internal static string Sign(IEnumerable<string> secrets, string id, DateTimeOffset time, string body)
    {
        byte[] content = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{time.ToUnixTimeSeconds()}.{body}"));
        return string.Join(' ', secrets.Select(secret => "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret[Prefix.Length..]), content))));
    }
}
