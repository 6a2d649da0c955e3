using System.Text.Json;
using BookSaga.Identity.Realm;
using BookSaga.Identity.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace BookSaga.Identity.Admin;

/// <summary>POST /admin/realms/{realm}/users: a new person; 201 with the user's address in Location.</summary>
/// <remarks>409 <c>User exists with same email</c>. 400: the password or e-mail breaks a rule of the realm.</remarks>
internal static class CreateUser
{
    private static readonly JsonSerializerOptions CamelCase = new(JsonSerializerDefaults.Web);

    internal sealed record Request(string? Username, string? Email, string? FirstName, string? LastName, bool EmailVerified, Credential[]? Credentials);

    internal sealed record Credential(string? Type, string? Value);

    public static void MapCreateUser(this WebApplication app, IdentitySettings settings) =>
        app.MapPost(settings.AdminPath + "/users", HandleAsync).RequireAuthorization(AdminRights.ManageUsers);

    private static async Task<IResult> HandleAsync(HttpContext context, UserManager<User> users, RealmSettings realm, TimeProvider time)
    {
        Request? request = await context.Request.ReadFromJsonAsync<Request>(CamelCase, context.RequestAborted);
        string email = (request?.Email ?? request?.Username ?? "").Trim().ToLowerInvariant();
        string? password = request?.Credentials?.FirstOrDefault(c => c.Type == "password")?.Value;
        if (request is null || email.Length is 0 or > 254)
        {
            return Invalid("error-invalid-email", "Invalid email address.");
        }
        if (password?.Length < realm.MinPasswordLength)
        {
            return Invalid("invalidPasswordMinLengthMessage", $"Invalid password: minimum length {realm.MinPasswordLength}.");
        }
        if (password?.Length > realm.MaxPasswordLength)
        {
            return Invalid("invalidPasswordMaxLengthMessage", $"Invalid password: maximum length {realm.MaxPasswordLength}.");
        }
        var user = new User
        {
            Id = Guid.CreateVersion7(),
            UserName = email,
            Email = email,
            EmailConfirmed = request.EmailVerified,
            FirstName = request.FirstName?.Trim() ?? "",
            LastName = request.LastName?.Trim() ?? "",
            CreatedAt = time.GetUtcNow(),
        };
        if ((user.FirstName + user.LastName + email).Any(char.IsControl) || user.FirstName.Length > 255 || user.LastName.Length > 255)
        {
            return Invalid("error-person-name-invalid-character", "A name is too long or has characters that no name has.");
        }
        try
        {
            IdentityResult result = password is null ? await users.CreateAsync(user) : await users.CreateAsync(user, password);
            return result.Succeeded
                ? Results.Created(new Uri($"{context.Request.Scheme}://{context.Request.Host}{context.Request.Path}/{user.Id}"), null)
                : Refuse(result);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return Taken();
        }
    }

    private static IResult Refuse(IdentityResult result) => result.Errors.First().Code switch
    {
        nameof(IdentityErrorDescriber.DuplicateEmail) or nameof(IdentityErrorDescriber.DuplicateUserName) => Taken(),
        _ => Invalid("error-invalid-email", result.Errors.First().Description),
    };

    private static IResult Taken() => Results.Json(new { errorMessage = "User exists with same email" }, CamelCase, statusCode: StatusCodes.Status409Conflict);

    private static IResult Invalid(string error, string description) =>
        Results.Json(new { error, error_description = description }, statusCode: StatusCodes.Status400BadRequest);
}
