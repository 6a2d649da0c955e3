namespace BookSaga.Hosting.Accounts;

/// <summary>The answer to register, login and token.</summary>
/// <param name="AccessToken">For <c>Authorization: Bearer</c>.</param>
/// <param name="IdToken">Who signed in; opens nothing.</param>
/// <param name="ExpiresIn">Seconds until the access token ends.</param>
/// <param name="RefreshExpiresIn">Seconds until the refresh token ends.</param>
/// <param name="RefreshToken">Good for one use.</param>
/// <param name="TokenType"><c>Bearer</c>.</param>
/// <param name="Scope">Space-separated.</param>
public sealed record TokenObject(string AccessToken, string? IdToken, int ExpiresIn, int RefreshExpiresIn, string RefreshToken, string TokenType, string Scope);
