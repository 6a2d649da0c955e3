using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;

namespace BookSaga.Identity.Users;

/// <summary>ASP.NET Core Identity on PostgreSQL.</summary>
internal static class UserServices
{
    public static void AddUsers(this WebApplicationBuilder builder)
    {
        builder.Services.AddDbContext<IdentityDb>((services, options) => options
            .UseNpgsql(services.GetRequiredService<NpgsqlDataSource>())
            .UseOpenIddict<Guid>()
            .ConfigureWarnings(warnings => warnings.Ignore(CoreEventId.MappedEntityTypeIgnoredWarning)));
        // What fails comes as an exception to the one handler, or is an expected race (an e-mail taken meanwhile).
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Critical);
        builder.Services.AddSingleton<ILookupNormalizer, LowerCase>();
        builder.Services.AddIdentityCore<User>(identity =>
        {
            identity.User.RequireUniqueEmail = true;
            identity.User.AllowedUserNameCharacters = "";
        }).AddEntityFrameworkStores<IdentityDb>();
        // Its password rules refuse spaces; the realm's policy has lengths alone, which CreateUser checks.
        builder.Services.RemoveAll<IPasswordValidator<User>>();
        builder.Services.AddScoped<PasswordCheck>();
    }
}
