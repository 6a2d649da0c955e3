using System.Diagnostics;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace BookSaga.Hosting.Data;

/// <summary>The service's own PostgreSQL database at <c>Database:Url</c>, migrated at start.</summary>
public static class Database
{
    /// <summary>Adds the data source, the migrations embedded in <paramref name="migrations"/>, and the readiness check.</summary>
    /// <exception cref="InvalidOperationException">The setting is missing.</exception>
    public static void AddDatabase(this WebApplicationBuilder builder, Assembly migrations)
    {
        string url = builder.Configuration["Database:Url"]
            ?? throw new InvalidOperationException("The setting Database:Url is missing: postgres://user:password@host:5432/database, or an Npgsql connection string.");
        string connectionString = ConnectionString(url);
        // What looks by itself for something to do, several times a second, is nobody's trace.
        builder.Services.AddSingleton(_ => new NpgsqlDataSourceBuilder(connectionString)
            .ConfigureTracing(tracing => tracing.ConfigureCommandFilter(static _ => Activity.Current is not null).EnablePhysicalOpenTracing(false)).Build());
        builder.Services.AddSingleton<StepConnections>();
        builder.Services.AddSingleton(services => new Migrator(
            connectionString, migrations, services.GetServices<SharedMigration>(), services.GetRequiredService<Microsoft.Extensions.Logging.ILogger<Migrator>>(), services.GetRequiredService<TimeProvider>()));
        builder.Services.AddHostedService(services => services.GetRequiredService<Migrator>());
        builder.Services.AddHealthChecks().AddCheck<DatabaseCheck>("database");
    }

    /// <summary>The Npgsql form of <paramref name="url"/>, with this project's defaults where the setting says nothing.</summary>
    public static string ConnectionString(string url)
    {
        NpgsqlConnectionStringBuilder settings = url.Contains("://", StringComparison.Ordinal) ? FromUrl(new Uri(url)) : new(url);
        // No automatic preparation: a statement that PostgreSQL refuses while it is being prepared spoils its connection for every later
        // use (github.com/npgsql/npgsql/issues/6391, Npgsql 10.0.3). The saga's steps are functions, whose plans PostgreSQL keeps itself.
        // One service may not take all of a default server's 100 connections.
        if (!Says(settings, "Maximum Pool Size"))
        {
            settings.MaxPoolSize = 12;
        }
        settings.NoResetOnClose = true;
        settings.IncludeErrorDetail = false;
        if (!Says(settings, "Timeout"))
        {
            settings.Timeout = 5;
        }
        return settings.ConnectionString;
    }

    // ContainsKey of this builder is true for every keyword that there is.
    private static bool Says(NpgsqlConnectionStringBuilder settings, string keyword) => settings.Keys.Cast<string>().Contains(keyword, StringComparer.OrdinalIgnoreCase);

    private static NpgsqlConnectionStringBuilder FromUrl(Uri url)
    {
        string[] user = url.UserInfo.Split(':', 2);
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = url.Host,
            Port = url.IsDefaultPort || url.Port < 0 ? 5432 : url.Port,
            Database = Uri.UnescapeDataString(url.AbsolutePath.TrimStart('/')),
            Username = Uri.UnescapeDataString(user[0]),
        };
        if (user.Length == 2)
        {
            settings.Password = Uri.UnescapeDataString(user[1]);
        }
        foreach (string pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = pair.Split('=', 2);
            settings[parts[0] == "sslmode" ? "SSL Mode" : Uri.UnescapeDataString(parts[0])] = parts.Length == 2 ? Uri.UnescapeDataString(parts[1]) : "";
        }
        return settings;
    }

    private sealed class DatabaseCheck(NpgsqlDataSource db, Migrator migrator) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            if (!migrator.Done)
            {
                return HealthCheckResult.Unhealthy(migrator.Waiting ?? "migrating");
            }
            try
            {
                await db.ExecuteAsync("SELECT 1", cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (NpgsqlException e)
            {
                return HealthCheckResult.Unhealthy("database unreachable: " + e.Message);
            }
        }
    }
}

/// <summary>A migration of Hosting's that a service asked for with a feature (outbox, idempotency keys).</summary>
/// <param name="File">The script's file name.</param>
internal sealed record SharedMigration(string File);
