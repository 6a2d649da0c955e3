using BookSaga.Identity.Users;
using Microsoft.EntityFrameworkCore;

namespace BookSaga.Identity.Admin;

/// <summary>DELETE /admin/realms/{realm}/users/{id}: a person goes, with all sessions and refresh tokens; 204.</summary>
/// <remarks>404 <c>User not found</c>, also for the account of a service, which belongs to its client.</remarks>
internal static class DeleteUser
{
    public static void MapDeleteUser(this WebApplication app, IdentitySettings settings) =>
        app.MapDelete(settings.AdminPath + "/users/{id:guid}", HandleAsync).RequireAuthorization(AdminRights.ManageUsers);

    private static async Task<IResult> HandleAsync(IdentityDb db, Guid id, CancellationToken ct)
    {
        // The sessions first: were this cut short, whoever is still there could sign in again and be deleted again.
        string subject = id.ToString();
        await db.Database.ExecuteSqlAsync($"DELETE FROM openid_tokens WHERE subject = {subject} AND EXISTS (SELECT FROM users WHERE id = {id} AND service_client_id IS NULL)", ct);
        await db.Database.ExecuteSqlAsync($"DELETE FROM openid_authorizations WHERE subject = {subject} AND EXISTS (SELECT FROM users WHERE id = {id} AND service_client_id IS NULL)", ct);
        return await db.Users.Where(u => u.Id == id && u.ServiceClientId == null).ExecuteDeleteAsync(ct) == 1
            ? Results.NoContent()
            : Results.Json(new { error = "User not found" }, statusCode: StatusCodes.Status404NotFound);
    }
}
