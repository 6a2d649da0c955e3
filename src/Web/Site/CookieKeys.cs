using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Npgsql;

namespace BookSaga.Web.Site;

/// <summary>The keys of cookies, form tokens and kept sessions, in the database: every replica reads what another has written.</summary>
internal sealed class CookieKeys(NpgsqlDataSource db) : IXmlRepository
{
    private const string LoadSql = "SELECT xml FROM cookie_key ORDER BY created_at";
    private const string KeepSql = "INSERT INTO cookie_key (name, xml) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";

    // The framework's interface is synchronous; it is called at the first cookie and then once a day.
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using NpgsqlCommand command = db.CreateCommand(LoadSql);
        using NpgsqlDataReader reader = command.ExecuteReader();
        var elements = new List<XElement>();
        while (reader.Read())
        {
            elements.Add(XElement.Parse(reader.GetString(0)));
        }
        return elements;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using NpgsqlCommand command = db.CreateCommand(KeepSql);
        command.Parameters.Add(new() { Value = friendlyName });
        command.Parameters.Add(new() { Value = element.ToString(SaveOptions.DisableFormatting) });
        command.ExecuteNonQuery();
    }
}

/// <summary>Setup of <see cref="CookieKeys"/>.</summary>
internal static class CookieKeySetup
{
    internal static void AddCookieKeys(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<CookieKeys>();
        builder.Services.AddDataProtection().SetApplicationName("booksaga-web");
        // The framework loads these keys before the server listens, when the database may not be there yet; the first cookie is soon enough.
        foreach (ServiceDescriptor eager in builder.Services.Where(s => s.ServiceType == typeof(IHostedService) && s.ImplementationType?.Name == "DataProtectionHostedService").ToArray())
        {
            builder.Services.Remove(eager);
        }
        builder.Services.AddOptions<KeyManagementOptions>().Configure<CookieKeys>((keys, repository) => keys.XmlRepository = repository);
        // Its one warning says that the keys lie unencrypted in the repository: they do, beside the sessions.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
    }
}
