using System.Globalization;

namespace BookSaga.Launcher.Postgres;

/// <summary>How the private server runs on a small machine; given on its command line, so that they are those of this version of the launcher.</summary>
internal static class PostgresSettings
{
    /// <summary>Listening at 127.0.0.1:<paramref name="port"/> only; a power cut loses nothing if <paramref name="durable"/>.</summary>
    internal static IEnumerable<(string Name, string Value)> For(int port, bool durable) =>
    [
        ("listen_addresses", "127.0.0.1"),
        ("port", port.ToString(CultureInfo.InvariantCulture)),
        ("unix_socket_directories", ""),
        ("fsync", durable ? "on" : "off"),
        ("full_page_writes", durable ? "on" : "off"),
        ("synchronous_commit", "on"), // also where a power cut does not matter, a killed server must not lose what it acknowledged
        ("max_connections", "260"),
        ("shared_buffers", "256MB"),
        ("effective_cache_size", "512MB"),
        ("max_wal_size", durable ? "2GB" : "512MB"), // a checkpoint makes the next change of every page write the whole page
        ("checkpoint_timeout", "15min"),
        ("wal_buffers", "16MB"),
        ("random_page_cost", "1.1"),
        ("jit", "off"), // compiling costs more than any of our short statements
        ("max_parallel_workers_per_gather", "0"),
        ("timezone", "UTC"),
        ("log_timezone", "UTC"),
        ("log_line_prefix", "%m [%p] %d "),
        ("cluster_name", "booksaga"),
    ];
}
