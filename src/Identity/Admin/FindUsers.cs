using BookSaga.Identity.Users;
using Microsoft.EntityFrameworkCore;

namespace BookSaga.Identity.Admin;

/// <summary>GET /admin/realms/{realm}/users?email=…&amp;exact=true: people by e-mail; without exact every one that contains it, 100 at most.</summary>
internal static class FindUsers
{
    private const int MaxRows = 100; // Keycloak's default of max

    public static void MapFindUsers(this WebApplication app, IdentitySettings settings) =>
        app.MapGet(settings.AdminPath + "/users", HandleAsync).RequireAuthorization(AdminRights.ViewUsers);

    private static async Task<IEnumerable<UserView>> HandleAsync(IdentityDb db, string? email, bool? exact, CancellationToken ct)
    {
        string wanted = (email ?? "").Trim().ToLowerInvariant();
        IQueryable<User> people = db.Users.AsNoTracking().Where(u => u.ServiceClientId == null);
        people = exact == true ? people.Where(u => u.NormalizedEmail == wanted) : people.Where(u => u.NormalizedEmail!.Contains(wanted));
        List<User> found = await people.OrderBy(u => u.NormalizedEmail).Take(MaxRows).ToListAsync(ct);
        return found.Select(UserView.Of);
    }
}
