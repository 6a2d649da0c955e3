using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using BookSaga.Launcher;

namespace BookSaga.Load;

/// <summary>Customers with an account, money and an access token each, all got through the public API.</summary>
internal sealed class Crowd(int gateway) : IDisposable
{
    private const string Password = "booksaga-bench";
    private const int TopUp = 1_000_000;
    private static readonly TimeSpan TokenLife = TimeSpan.FromSeconds(120); // of 300: a load of three minutes ends with valid ones
    private readonly HttpClient _http = new() { BaseAddress = new Uri(ServiceSettings.Address(gateway) + "/api/v1/") };
    private string[] _refreshTokens = [];
    private DateTime _signedIn;

    /// <summary>The header line of each customer.</summary>
    internal byte[][] Authorizations { get; private set; } = [];

    internal int Count => Authorizations.Length;

    /// <summary>The user ids, in the same order.</summary>
    internal Guid[] Ids { get; private set; } = [];

    public void Dispose()
    {
        _http.Dispose();
    }

    /// <summary>Registers <paramref name="count"/> customers and gives each a million.</summary>
    internal async Task SignUpAsync(int count)
    {
        (_refreshTokens, Authorizations, Ids) = (new string[count], new byte[count][], new Guid[count]);
        await EachAsync(async i =>
        {
            Keep(i, await PostAsync("customer/register", new { email = string.Create(CultureInfo.InvariantCulture, $"client.{i}@example.com"), password = Password, first_name = "Load", last_name = "Client" }));
            await PostAsync("customer/payment/create-account", null, i);
            await PostAsync("customer/payment/top-up", new { amount = TopUp }, i);
        });
        _signedIn = TimeProvider.System.GetUtcNow().UtcDateTime;
    }

    /// <summary>New tokens where the old ones would not outlive the next load.</summary>
    internal async Task RefreshAsync()
    {
        DateTime now = TimeProvider.System.GetUtcNow().UtcDateTime;
        if (now - _signedIn > TokenLife)
        {
            await EachAsync(async i => Keep(i, await PostAsync("customer/token", new { refreshToken = _refreshTokens[i] })));
            _signedIn = now;
        }
    }

    /// <summary>Cancels a booking of the customer <paramref name="owner"/>.</summary>
    internal Task CancelAsync(Guid booking, Guid owner) => PostAsync($"customer/bookings/{booking}/cancel", null, Array.IndexOf(Ids, owner));

    /// <summary>One customer's request with its body's absence stated, ready for a <see cref="RequestWriter"/>.</summary>
    internal int Write(Span<byte> buffer, ReadOnlySpan<byte> method, ReadOnlySpan<byte> path, long number, ReadOnlySpan<byte> rest, int customer)
    {
        int length = 0;
        Append(buffer, ref length, method);
        Append(buffer, ref length, path);
        if (number >= 0)
        {
            _ = System.Buffers.Text.Utf8Formatter.TryFormat(number, buffer[length..], out int digits);
            length += digits;
        }
        Append(buffer, ref length, rest);
        Append(buffer, ref length, " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"u8);
        if (customer >= 0)
        {
            Append(buffer, ref length, Authorizations[customer % Authorizations.Length]);
        }
        Append(buffer, ref length, "\r\n"u8);
        return length;
    }

    private static void Append(Span<byte> buffer, ref int length, ReadOnlySpan<byte> text)
    {
        text.CopyTo(buffer[length..]);
        length += text.Length;
    }

    private void Keep(int i, JsonElement token)
    {
        _refreshTokens[i] = token.GetProperty("refresh_token").GetString()!;
        string access = token.GetProperty("access_token").GetString()!;
        Authorizations[i] = Encoding.ASCII.GetBytes($"Authorization: Bearer {access}\r\n");
        byte[] payload = System.Buffers.Text.Base64Url.DecodeFromChars(access.Split('.')[1]);
        Ids[i] = JsonSerializer.Deserialize<JsonElement>(payload).GetProperty("sub").GetGuid();
    }

    private async Task<JsonElement> PostAsync(string path, object? body, int? customer = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (customer is { } i)
        {
            request.Headers.TryAddWithoutValidation("Authorization", Encoding.ASCII.GetString(Authorizations[i])["Authorization: ".Length..].TrimEnd());
        }
        using HttpResponseMessage answer = await _http.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text)
            : throw new Failure($"{path} answered {(int)answer.StatusCode}: {text}");
    }

    private Task EachAsync(Func<int, Task> act) =>
        Parallel.ForEachAsync(Enumerable.Range(0, _refreshTokens.Length), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) => await act(i));
}
