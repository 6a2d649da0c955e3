using System.Data.Common;
using BookSaga.Hosting.Data;

namespace BookSaga.Company.Managers;

/// <summary>The manager object.</summary>
/// <param name="Id">Of the membership, not of the person.</param>
/// <param name="UserId">The person's id; null while the invitation waits for its e-mail to register.</param>
/// <param name="Email">Lower-cased.</param>
/// <param name="FirstName">Empty while invited.</param>
/// <param name="LastName">Empty while invited.</param>
/// <param name="Role"><c>admin</c> or <c>manager</c>.</param>
/// <param name="Active">False while invited.</param>
internal sealed record ManagerView(long Id, Guid? UserId, string Email, string FirstName, string LastName, string Role, bool Active)
{
    /// <summary>The columns that <see cref="Read"/> takes, of a table or alias <c>m</c>.</summary>
    internal const string Columns = "m.id, m.user_id, m.email, m.first_name, m.last_name, m.role";

    internal static ManagerView Read(DbDataReader row) => new(
        row.GetInt64(0), row.Nullable<Guid?>(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), !row.IsDBNull(1));
}
