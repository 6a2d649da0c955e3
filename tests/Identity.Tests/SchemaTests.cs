using System.Reflection;
using BookSaga.Identity.Users;
using Microsoft.EntityFrameworkCore;

namespace BookSaga.Identity.Tests;

public sealed class SchemaTests
{
    [Fact]
    public void The_first_migration_is_the_script_of_the_EF_model()
    {
        DbContextOptions<IdentityDb> options = (DbContextOptions<IdentityDb>)new DbContextOptionsBuilder<IdentityDb>().UseNpgsql("Host=none").UseOpenIddict<Guid>().Options;
        using var db = new IdentityDb(options);
        using var reader = new StreamReader(Assembly.Load("BookSaga.Identity").GetManifestResourceStream("0001_identity.sql")!);

        string script = db.Database.GenerateCreateScript();

    }

    private static string[] Lines(string sql) => [.. sql.Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0 && !l.StartsWith("--", StringComparison.Ordinal))];
}
