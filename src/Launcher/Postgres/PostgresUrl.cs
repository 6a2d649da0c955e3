using Npgsql;

namespace BookSaga.Launcher.Postgres;

/// <summary>The address of a PostgreSQL server or database: <c>postgres://user:password@host:port/database?setting=value</c>.</summary>
internal sealed record PostgresUrl
{
    private readonly Uri _url;

    internal PostgresUrl(string url)
    {
        _url = Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) && parsed.Scheme is "postgres" or "postgresql" && parsed.Host.Length > 0
            ? parsed
            : throw new Failure("A database address must look like postgres://user:password@host:5432/database.");
    }

    internal string Host => _url.Host;

    internal int Port => _url.Port > 0 ? _url.Port : 5432;

    internal string User => Uri.UnescapeDataString(_url.UserInfo.Split(':', 2)[0]);

    /// <summary>Null where the address has none.</summary>
    internal string? Password => _url.UserInfo.Split(':', 2) is [_, { } password] ? Uri.UnescapeDataString(password) : null;

    /// <summary>The database's name; empty when the address names a server only.</summary>
    internal string Database => Uri.UnescapeDataString(_url.AbsolutePath.TrimStart('/'));

    /// <summary>Without the password, for people.</summary>
    internal string Shown => $"{Host}:{Port}/{Database}";

    /// <summary>The same server and settings, another database.</summary>
    internal PostgresUrl For(string database) => new(new UriBuilder(_url) { Path = "/" + Uri.EscapeDataString(database) }.Uri.OriginalString);

    /// <summary>The form that Npgsql reads, without a pool: this program connects once.</summary>
    internal string ConnectionString()
    {
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = Host,
            Port = Port,
            Database = Database.Length > 0 ? Database : "postgres",
            Username = User,
            Password = Password,
            Pooling = false,
            Timeout = 5,
        };
        foreach (string pair in _url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = pair.Split('=', 2);
            settings[parts[0] == "sslmode" ? "SSL Mode" : Uri.UnescapeDataString(parts[0])] = parts.Length == 2 ? Uri.UnescapeDataString(parts[1]) : "";
        }
        return settings.ConnectionString;
    }

    /// <inheritdoc/>
    public override string ToString() => _url.OriginalString;
}
