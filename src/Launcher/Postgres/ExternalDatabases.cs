namespace BookSaga.Launcher.Postgres;

/// <summary>Databases on a server of your own: <c>DATABASE_URL</c> for all, <c>COMPANY_DATABASE_URL</c> … for one service.</summary>
internal static class ExternalDatabases
{
    internal static Dictionary<string, PostgresUrl> FromEnvironment(IEnumerable<string> services)
    {
        string? server = Environment.GetEnvironmentVariable("DATABASE_URL");
        var urls = new Dictionary<string, PostgresUrl>();
        foreach (string service in services)
        {
            string? own = Environment.GetEnvironmentVariable(service.ToUpperInvariant() + "_DATABASE_URL");
            if (!string.IsNullOrEmpty(own))
            {
                urls.Add(service, new PostgresUrl(own));
            }
            else if (!string.IsNullOrEmpty(server))
            {
                urls.Add(service, new PostgresUrl(server).For(service));
            }
        }
        return urls;
    }
}
