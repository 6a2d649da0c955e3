using BookSaga.Launcher.Postgres;

namespace BookSaga.Launcher.Tests;

public sealed class ServiceSettingsTests
{
    [Fact]
    public void A_service_finds_the_realm_inside_and_checks_for_the_public_issuer()
    {
        using var folder = new TemporaryFolder();
        Dictionary<string, string> settings = Settings(folder, "customer", mail: null);

        settings["Auth__Issuer"].ShouldBe("http://localhost:8080/realms/booksaga");
        settings["Auth__Authority"].ShouldBe($"http://127.0.0.1:{Port("identity")}/realms/booksaga");
        settings["Services__payment"].ShouldBe($"http://127.0.0.1:{Port("payment") + 100}");
        settings["Database__Url"].ShouldBe("postgres://u@127.0.0.1:5432/customer");
    }

    [Fact]
    public void Both_sides_of_a_client_secret_get_the_same()
    {
        using var folder = new TemporaryFolder();
        Dictionary<string, string> customer = Settings(folder, "customer", mail: null);
        Dictionary<string, string> identity = Settings(folder, "identity", mail: null);

        identity["CUSTOMER_CLIENT_SECRET"].ShouldBe(customer["Auth__ClientSecret"]);
        identity["WEB_CLIENT_SECRET"].ShouldBe(Settings(folder, "web", mail: null)["Auth__ClientSecret"]);
        identity["API_CLIENT_SECRET"].ShouldBe(customer["Auth__LoginClientSecret"]);
    }

    [Fact]
    public void Only_the_service_that_sends_mail_is_told_where()
    {
        using var folder = new TemporaryFolder();

        Settings(folder, "notification", new MailState { Smtp = "smtp://127.0.0.1:25" })["Mail__Smtp"].ShouldBe("smtp://127.0.0.1:25");
        Settings(folder, "customer", mail: null).ShouldNotContainKey("Mail__Smtp");
    }

    [Fact]
    public void Links_in_mails_begin_with_the_address_that_browsers_use()
    {
        using var folder = new TemporaryFolder();
        Dictionary<string, string> settings = Settings(folder, "notification", mail: null);
        settings["Auth__Issuer"].ShouldStartWith(settings["Mail__PublicUrl"] + "/realms/");
    }

    [Fact]
    public void Replicas_are_told_in_one_list_and_each_asks_the_identity_provider_of_its_number()
    {
        using var folder = new TemporaryFolder();
        var ports = Ports.Choose(gateway: null, before: null, replicas: 2);
        var settings = new ServiceSettings(
            ports.PublicUrl, ports.Services, ServiceTable.All.ToDictionary(s => s.Name, s => new PostgresUrl("postgres://u@127.0.0.1:5432/" + s.Name)), new Secrets(folder.File("secrets.json")));

        Dictionary<string, string> second = settings.For(new Replica(ServiceTable.Find("customer"), 2), mail: null);

        second["Services__booking"].ShouldBe($"http://127.0.0.1:{ports.Services["booking"].Grpc},http://127.0.0.1:{ports.Services["booking-2"].Grpc}");
        second["Backends__payment"].ShouldBe($"http://127.0.0.1:{ports.Services["payment"].Http},http://127.0.0.1:{ports.Services["payment-2"].Http}");
        second["Auth__Authority"].ShouldBe($"http://127.0.0.1:{ports.Services["identity-2"].Http}/realms/booksaga");
        second["Listen__HttpPort"].ShouldBe($"{ports.Services["customer-2"].Http}");
    }

    [Fact]
    public void Events_go_through_a_broker_only_where_there_is_one()
    {
        using var folder = new TemporaryFolder();
        var ports = Ports.Choose(gateway: null, before: null);
        var settings = new ServiceSettings(
            ports.PublicUrl, ports.Services, ServiceTable.All.ToDictionary(s => s.Name, s => new PostgresUrl("postgres://u@127.0.0.1:5432/" + s.Name)), new Secrets(folder.File("secrets.json")))
        {
            Broker = "amqp://u:p@127.0.0.1:5672",
        };

        Dictionary<string, string> booking = settings.For(new Replica(ServiceTable.Find("booking"), 1), mail: null);

        booking["Events__Transport"].ShouldBe("RabbitMq");
        booking["Events__RabbitMq__Url"].ShouldBe("amqp://u:p@127.0.0.1:5672");
        Settings(folder, "booking", mail: null).Keys.ShouldAllBe(key => !key.StartsWith("Events", StringComparison.Ordinal));
    }

    [Fact]
    public void Only_the_gateway_has_its_metrics_on_a_port_of_their_own()
    {
        Ports.Choose(gateway: null, before: null).Services.Where(s => s.Value.Metrics is not null).Select(s => s.Key).ShouldBe(["gateway"]);
        using var folder = new TemporaryFolder();

        Settings(folder, "gateway", mail: null)["Listen__MetricsPort"].ShouldBe("9464");
        Settings(folder, "booking", mail: null).ShouldNotContainKey("Listen__MetricsPort");
    }

    private static int Port(string service) => 5000 + ServiceTable.All.TakeWhile(s => s.Name != service).Count();

    private static Dictionary<string, string> Settings(TemporaryFolder folder, string service, MailState? mail) => new ServiceSettings(
        "http://localhost:8080",
        ServiceTable.All.ToDictionary(s => s.Name, s => new ServicePorts(Port(s.Name), s.Grpc ? Port(s.Name) + 100 : null, s.Name == "gateway" ? 9464 : null)),
        ServiceTable.All.ToDictionary(s => s.Name, s => new PostgresUrl("postgres://u@127.0.0.1:5432/" + s.Name)),
        new Secrets(folder.File("secrets.json"))).For(new Replica(ServiceTable.All.Single(s => s.Name == service), 1), mail);
}
