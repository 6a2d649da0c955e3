using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BookSaga.Hosting.Data;

/// <summary>The keys of cookies, form tokens and what else is encrypted for ourselves, in the table <c>cookie_key</c>: every replica reads what another has written.</summary>
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

/// <summary>Setup of the keys.</summary>
public static class CookieKeySetup
{
    /// <summary>
    /// Keeps the keys of <paramref name="application"/> in its database, whose migrations have the table <c>cookie_key</c>. Call it after everything that uses
    /// cookies or forms: those register the eager loading that is taken out here.
    /// </summary>
    public static void AddCookieKeys(this WebApplicationBuilder builder, string application)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<CookieKeys>();
        builder.Services.AddDataProtection().SetApplicationName(application);
        // The framework loads these keys before the server listens, when the database may not be there yet; the first cookie is soon enough.
        foreach (ServiceDescriptor eager in builder.Services.Where(s => s.ServiceType == typeof(IHostedService) && s.ImplementationType?.Name == "DataProtectionHostedService").ToArray())
        {
            builder.Services.Remove(eager);
        }
        builder.Services.AddOptions<KeyManagementOptions>().Configure<CookieKeys>((keys, repository) => keys.XmlRepository = repository);
        // Its one warning says that the keys lie unencrypted in the repository: they do, beside what they protect.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
    }
}
