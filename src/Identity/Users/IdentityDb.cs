using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace BookSaga.Identity.Users;

/// <summary>Users, and OpenIddict's clients, sessions and tokens. Migrations/0001_identity.sql is this model's script; a test compares them.</summary>
internal sealed partial class IdentityDb(DbContextOptions<IdentityDb> options) : IdentityUserContext<User, Guid>(options)
{
    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.Ignore<IdentityUserClaim<Guid>>();
        builder.Ignore<IdentityUserLogin<Guid>>();
        builder.Ignore<IdentityUserToken<Guid>>();
        builder.Entity<User>(user =>
        {
            user.ToTable("users");
            user.Ignore(u => u.PhoneNumber);
            user.Ignore(u => u.PhoneNumberConfirmed);
            user.Ignore(u => u.TwoFactorEnabled);
            user.Ignore(u => u.LockoutEnabled);
            user.HasIndex(u => u.NormalizedEmail).HasDatabaseName("EmailIndex").IsUnique();
            user.HasIndex(u => u.ServiceClientId).IsUnique();
        });
        foreach (IMutableEntityType entity in builder.Model.GetEntityTypes())
        {
            entity.SetTableName(Snake(entity.GetTableName()!.Replace("OpenIddict", "Openid", StringComparison.Ordinal)));
            foreach (IMutableProperty property in entity.GetProperties())
            {
                property.SetColumnName(Snake(property.Name));
            }
            foreach (IMutableKey key in entity.GetKeys())
            {
                key.SetName(Snake(entity.GetTableName()! + "_pkey"));
            }
            foreach (IMutableForeignKey key in entity.GetForeignKeys())
            {
                key.SetConstraintName(Snake($"{entity.GetTableName()}_{key.Properties[0].Name}_fkey"));
            }
            foreach (IMutableIndex index in entity.GetIndexes())
            {
                index.SetDatabaseName(Snake($"{entity.GetTableName()}_{string.Join('_', index.Properties.Select(p => p.Name))}_idx"));
            }
        }
    }

    private static string Snake(string name) => WordStart().Replace(name, "_$1").ToLowerInvariant();

    [GeneratedRegex("(?<=[a-z0-9])([A-Z])")]
    private static partial Regex WordStart();
}
