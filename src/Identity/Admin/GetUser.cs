using BookSaga.Identity.Users;
using Microsoft.EntityFrameworkCore;

namespace BookSaga.Identity.Admin;

/// <summary>GET /admin/realms/{realm}/users/{id}: one user; 404 <c>User not found</c>.</summary>
internal static class GetUser
{
    public static void MapGetUser(this WebApplication app, IdentitySettings settings) =>
        app.MapGet(settings.AdminPath + "/users/{id:guid}", HandleAsync).RequireAuthorization(AdminRights.ViewUsers);

    private static async Task<IResult> HandleAsync(IdentityDb db, Guid id, CancellationToken ct) =>
        await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == id, ct) is { } user
            ? Results.Json(UserView.Of(user))
            : Results.Json(new { error = "User not found" }, statusCode: StatusCodes.Status404NotFound);
}
