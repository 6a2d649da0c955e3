using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Customer.Profiles;

/// <summary>
/// The tokens of unsubscribe links: the client's id and the first 16 bytes of its HMAC-SHA256, base64url. It names one client, allows one thing, and does
/// not expire, as mail does not. Nobody without the key can make one.
/// </summary>
internal sealed class UnsubscribeTokens(NpgsqlDataSource db)
{
    private const int IdLength = 16;
    private const int SignatureLength = 16;

    // So that a key that should ever sign something else gives other signatures there.
    private static readonly byte[] Purpose = "booksaga unsubscribe v1 "u8.ToArray();
    private byte[]? _key;

    /// <summary>The token of <paramref name="customer"/>, the same every time.</summary>
    internal async ValueTask<string> OfAsync(Guid customer, CancellationToken ct)
    {
        byte[] id = customer.ToByteArray(bigEndian: true);
        return Base64Url.EncodeToString([.. id, .. Sign(await KeyAsync(ct), id)]);
    }

    /// <summary>Whose token it is, or null when it is none of ours.</summary>
    internal async ValueTask<Guid?> ReadAsync(string token, CancellationToken ct)
    {
        byte[] bytes = new byte[IdLength + SignatureLength];
        // 43 characters carry 258 bits: of the spellings of the last one only the canonical one counts.
        if (token.Length != Base64Url.GetEncodedLength(bytes.Length)
            || Base64Url.DecodeFromChars(token, bytes, out _, out int written) != OperationStatus.Done || written != bytes.Length || Base64Url.EncodeToString(bytes) != token)
        {
            return null;
        }
        byte[] expected = Sign(await KeyAsync(ct), bytes.AsSpan(0, IdLength));
        return CryptographicOperations.FixedTimeEquals(expected, bytes.AsSpan(IdLength)) ? new Guid(bytes.AsSpan(0, IdLength), bigEndian: true) : null;
    }

    private static byte[] Sign(byte[] key, ReadOnlySpan<byte> id)
    {
        byte[] signed = [.. Purpose, .. id];
        return HMACSHA256.HashData(key, signed)[..SignatureLength];
    }

    // It never changes, so two that read it at once read the same.
    private async ValueTask<byte[]> KeyAsync(CancellationToken ct) =>
        _key ??= await db.QueryFirstAsync("SELECT key FROM link_key", row => row.GetFieldValue<byte[]>(0), ct) ?? throw new InvalidOperationException("the table link_key is empty");
}
