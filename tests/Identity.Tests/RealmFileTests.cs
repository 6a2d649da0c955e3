using System.Text.Json;
using BookSaga.Identity.Realm;
using Microsoft.Extensions.Configuration;

namespace BookSaga.Identity.Tests;

public sealed class RealmFileTests(IdentityFixture fixture)
{
    private static readonly string File = Path.Combine(AppContext.BaseDirectory, "booksaga-realm.json");

    [Fact]
    public async Task Every_client_of_the_file_is_imported_with_its_addresses_and_grants()
    {
        using JsonDocument file = JsonDocument.Parse(await System.IO.File.ReadAllTextAsync(File, TestContext.Current.CancellationToken));
        string Text(JsonElement text) => text.GetString()!.Replace("${PUBLIC_URL:http://localhost:8080}", "http://localhost:8080", StringComparison.Ordinal);
        string[] expected =
        [
            .. file.RootElement.GetProperty("clients").EnumerateArray().Select(c => string.Join(' ',
            [
                c.Text("clientId"),
                .. c.GetProperty("redirectUris").EnumerateArray().Select(Text),
                .. c.GetProperty("standardFlowEnabled").GetBoolean() ? ["gt:authorization_code"] : Array.Empty<string>(),
                .. c.GetProperty("serviceAccountsEnabled").GetBoolean() ? ["gt:client_credentials"] : Array.Empty<string>(),
                .. c.GetProperty("directAccessGrantsEnabled").GetBoolean() ? ["gt:password"] : Array.Empty<string>(),
                .. c.GetProperty("serviceAccountsEnabled").GetBoolean() ? Array.Empty<string>() : ["gt:refresh_token"],
            ])).Order(StringComparer.Ordinal),
        ];

        var imported = new List<string>();
        await using var command = fixture.Database.Db.CreateCommand("SELECT client_id, redirect_uris, permissions FROM openid_applications");
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            string[] uris = await reader.IsDBNullAsync(1, TestContext.Current.CancellationToken) ? [] : JsonSerializer.Deserialize<string[]>(reader.GetString(1))!;
            IEnumerable<string> grants = JsonSerializer.Deserialize<string[]>(reader.GetString(2))!.Where(p => p.StartsWith("gt:", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
            imported.Add(string.Join(' ', [reader.GetString(0), .. uris, .. grants]));
        }

        imported.Order(StringComparer.Ordinal).ShouldBe(expected);
    }

    [Fact]
    public void The_file_holds_no_secret_and_every_client_can_have_a_sub_and_the_audience()
    {
        using JsonDocument file = JsonDocument.Parse(System.IO.File.ReadAllText(File));

        foreach (JsonElement client in file.RootElement.GetProperty("clients").EnumerateArray())
        {
            client.Text("secret").ShouldMatch(@"^\$\{[A-Z_]+_CLIENT_SECRET\}$");
            client.GetProperty("defaultClientScopes").EnumerateArray().Select(s => s.GetString()).ShouldBe(["basic", "profile", "email", "roles", "booksaga-audience"]);
        }
        file.RootElement.GetProperty("clientScopes").EnumerateArray().Select(s => s.Text("name")).ShouldBe(["basic", "profile", "email", "roles", "booksaga-audience"]);
    }

    [Fact]
    public async Task A_changed_public_address_and_secret_hold_from_the_next_start()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();
        await using (await IdentityFixture.Start(database).StartAsync())
        {
        }

        await using var identity = await IdentityFixture.Start(database, settings: new() { ["PUBLIC_URL"] = "https://books.example", ["PAYMENT_CLIENT_SECRET"] = "new" }).StartAsync();
        using HttpClient http = identity.Http(null);
        using HttpResponseMessage known = await http.GetAsync(BrowserTests.AuthorizeUrl("redirect_uri", "https://books.example/signin-oidc"));
        using HttpResponseMessage old = await http.GetAsync(BrowserTests.AuthorizeUrl());
        using HttpResponseMessage oldSecret = await http.PostAsync(IdentityFixture.Protocol + "/token", IdentityFixture.Form("payment", ("grant_type", "client_credentials")));

        ((int)known.StatusCode, (int)old.StatusCode, (int)oldSecret.StatusCode).ShouldBe((200, 400, 401));
    }

    [Fact]
    public void Every_mistake_in_the_settings_is_in_one_sentence()
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Auth:Issuer"] = "http://localhost:8080/realms/other",
            ["WEB_CLIENT_SECRET"] = "w",
            ["Identity:OperatorEmail"] = "op@example.com",
        }).Build();

        string message = Should.Throw<InvalidOperationException>(() => IdentitySettings.Read(configuration)).Message;

        message.ShouldStartWith("Identity cannot start: Database:Url");
        message.ShouldContain("the environment variable API_CLIENT_SECRET, which the realm file names, is not set");
        message.ShouldContain("NOTIFICATION_CLIENT_SECRET");
        message.ShouldNotContain("WEB_CLIENT_SECRET");
        message.ShouldContain("Identity:OperatorEmail and Identity:OperatorPassword go together");
    }

    [Theory]
    [InlineData("{", "is not the JSON of a realm")]
    [InlineData("""{"clients": []}""", "names no realm")]
    [InlineData("""{"realm":"r","clients":[{"clientId":"c"}]}""", "client c of the realm file has no secret")]
    [InlineData("""{"realm":"r","clients":[{"clientId":"c","publicClient":true,"redirectUris":["http://x/*"]}]}""", "which is not one absolute address")]
    [InlineData("""{"realm":"r","users":[{"username":"u","serviceAccountClientId":"c","realmRoles":["x"]}]}""", "is no client with a service account")]
    [InlineData("""{"realm":"r","clients":[{"clientId":"c","secret":"s","serviceAccountsEnabled":true}]}""", "has no user with serviceAccountClientId c")]
    [InlineData("""{"realm":"r","accessTokenLifespan":0}""", "a lifetime in the realm file is not above 0 seconds")]
    public void A_mistake_in_the_file_is_named(string json, string error)
    {
        var errors = new List<string>();

        RealmFile.Read(json, _ => null, errors).ShouldBeNull();

        errors.ShouldContain(e => e.Contains(error, StringComparison.Ordinal));
    }

    [Fact]
    public void Placeholders_are_Keycloaks()
    {
        var errors = new List<string>();
        const string Json = """{"realm":"${NAME}","clients":[{"clientId":"c","publicClient":true,"name":"${client_id}","redirectUris":["${BASE:http://a:1}/x","${OTHER:http://b}/y"]}]}""";

        RealmSettings? realm = RealmFile.Read(Json, name => name switch { "NAME" => "r", "OTHER" => "https://o", _ => null }, errors);

        errors.ShouldBeEmpty();
        realm!.Name.ShouldBe("r");
        realm.Clients.Single().Name.ShouldBe("${client_id}");
        realm.Clients.Single().RedirectUris.ShouldBe(["http://a:1/x", "https://o/y"]);
    }

    [Fact]
    public async Task The_operators_account_is_made_at_start_with_its_role_and_kept_at_the_next()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();
        var settings = new Dictionary<string, string> { ["Identity:OperatorEmail"] = "Op@Example.com", ["Identity:OperatorPassword"] = "operator's" };
        await using (await IdentityFixture.Start(database, settings: settings).StartAsync())
        {
        }

        await using var identity = await IdentityFixture.Start(database, settings: settings).StartAsync();
        using HttpClient http = identity.Http(null);
        JsonElement tokens = await http.PostAsync(
            IdentityFixture.Protocol + "/token", IdentityFixture.Form("booksaga-api", ("grant_type", "password"), ("username", "op@example.com"), ("password", "operator's"))).JsonAsync(200);

        TokenReading.Payload(tokens.Text("access_token")).GetProperty("realm_access").GetProperty("roles")[0].GetString().ShouldBe("operator");
    }
}
