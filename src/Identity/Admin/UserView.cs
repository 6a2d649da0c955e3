using System.Text.Json.Serialization;
using BookSaga.Identity.Users;

namespace BookSaga.Identity.Admin;

/// <summary>A user as Keycloak's administration shows it.</summary>
internal sealed record UserView(
    [property: JsonPropertyName("id")] Guid Id,
    [property: JsonPropertyName("username")] string? Username,
    [property: JsonPropertyName("email")] string? Email,
    [property: JsonPropertyName("firstName")] string FirstName,
    [property: JsonPropertyName("lastName")] string LastName,
    [property: JsonPropertyName("enabled")] bool Enabled,
    [property: JsonPropertyName("emailVerified")] bool EmailVerified,
    [property: JsonPropertyName("createdTimestamp")] long CreatedTimestamp)
{
    public static UserView Of(User user) =>
        new(user.Id, user.UserName, user.Email, user.FirstName, user.LastName, Enabled: true, user.EmailConfirmed, user.CreatedAt.ToUnixTimeMilliseconds());
}
