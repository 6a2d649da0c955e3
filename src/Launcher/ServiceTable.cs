namespace BookSaga.Launcher;

/// <summary>One process of the platform that is ours.</summary>
/// <param name="Name">Its name everywhere: setting keys, client id, database, log.</param>
/// <param name="Project">Its folder in <c>src</c> and its assembly.</param>
/// <param name="Database">Whether it has a database.</param>
/// <param name="Grpc">Whether it answers internal calls.</param>
/// <param name="Mail">Whether it sends mail, and so waits for the mail catcher's addresses.</param>
/// <param name="Hot">Whether every booking passes through it.</param>
internal sealed record Service(string Name, string Project, bool Database = true, bool Grpc = true, bool Mail = false, bool Hot = false);

/// <summary>What a platform consists of.</summary>
internal static class ServiceTable
{
    internal const string Gateway = "gateway";
    internal const string Identity = "identity";
    internal const string Customer = "customer";
    internal const string Web = "web";

    internal static readonly IReadOnlyList<Service> All =
    [
        new(Identity, "Identity", Grpc: false),
        new("company", "Company"),
        new(Customer, "Customer", Hot: true),
        new("booking", "Booking", Hot: true),
        new("payment", "Payment", Hot: true),
        new("notification", "Notification", Mail: true),
        new(Web, "Web", Grpc: false),
        new(Gateway, "Gateway", Database: false, Grpc: false, Hot: true),
    ];

    internal static Service Find(string name) => All.Single(s => s.Name == name);

    /// <summary>Every service <paramref name="replicas"/> times.</summary>
    internal static IReadOnlyList<Replica> Replicas(int replicas) => [.. All.SelectMany(s => Enumerable.Range(1, replicas).Select(n => new Replica(s, n)))];
}

/// <summary>One process of a service.</summary>
/// <param name="Service">Whose.</param>
/// <param name="Number">From 1.</param>
internal sealed record Replica(Service Service, int Number)
{
    /// <summary>Its name in the state file and in logs: <c>booking</c>, then <c>booking-2</c>.</summary>
    internal string Name => Number == 1 ? Service.Name : FormattableString.Invariant($"{Service.Name}-{Number}");
}
