namespace BookSaga.Launcher.RabbitMq;

/// <summary>How the private node runs on a small machine: the lines of its <c>rabbitmq.conf</c>.</summary>
internal static class RabbitMqSettings
{
    internal static IEnumerable<string> For(BrokerPorts ports, string user, string password) =>
    [
        FormattableString.Invariant($"listeners.tcp.1 = 127.0.0.1:{ports.Amqp}"),
        $"default_user = {user}",
        $"default_pass = {password}",
        "vm_memory_high_watermark.absolute = 512MB", // beyond it publishers wait
        "disk_free_limit.absolute = 100MB",
        "raft.wal_max_size_bytes = 33554432", // 32 MiB instead of 512: what a restart reads, and what stays in memory
        "log.file = false",
        "log.console = true",
        "log.console.level = warning",
    ];
}

/// <summary>Where a broker listens on 127.0.0.1.</summary>
/// <param name="Amqp">Clients.</param>
/// <param name="Nodes">Erlang's distribution, for <c>rabbitmqctl</c>.</param>
/// <param name="Names">Its name server.</param>
internal sealed record BrokerPorts(int Amqp, int Nodes, int Names);
