using Grpc.Core;
using Npgsql;

namespace BookSaga.Hosting;

/// <summary>What goes away by itself when a database or a neighbour is back.</summary>
public static class PassingFailure
{
    /// <summary>
    /// Whether trying again later may help. A query that PostgreSQL refuses is our own fault and does not pass; class 57 is an operator's shutdown, 53 is lack of
    /// connections, memory or disk.
    /// </summary>
    public static bool Is(Exception exception) => exception switch
    {
        PostgresException postgres => postgres.IsTransient || postgres.SqlState.StartsWith("57", StringComparison.Ordinal) || postgres.SqlState.StartsWith("53", StringComparison.Ordinal),
        NpgsqlException or TimeoutException => true,
        // Its cause is, for example, the identity provider that had no token for the call.
        RpcException rpc => rpc.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Unauthenticated or StatusCode.Cancelled
            || (rpc.Status.DebugException is { } cause && Is(cause)),
        HttpRequestException => true,
        null => false,
        _ => exception.InnerException is not null && Is(exception.InnerException),
    };
}
