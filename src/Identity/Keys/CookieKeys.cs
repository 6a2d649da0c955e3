using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Npgsql;

namespace BookSaga.Identity.Keys;

/// <summary>The keys of session cookies and form tokens, in the database: every replica reads what another has written.</summary>
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
