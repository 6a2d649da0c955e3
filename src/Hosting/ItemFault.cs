using Npgsql;

namespace BookSaga.Hosting;

/// <summary>Items of one call that fail by their own fault.</summary>
public static class ItemFault
{
    /// <summary>
    /// Each item's result; or <paramref name="outcome"/> of what PostgreSQL refused about this item alone, so that the call answers all the others.
    /// What passes (lost connections, deadlocks, lack of resources) fails the call, which is then repeated.
    /// </summary>
    public static Task<T>[] OrOutcomes<T>(this Task<T>[] items, Func<string, T> outcome) => Array.ConvertAll(items, item => OrOutcomeAsync(item, outcome));

    private static async Task<T> OrOutcomeAsync<T>(Task<T> item, Func<string, T> outcome)
    {
        try
        {
            return await item;
        }
        catch (PostgresException e) when (!e.IsTransient && e.SqlState[..2] is not ("08" or "40" or "53" or "57"))
        {
            return outcome($"{e.SqlState}: {e.MessageText}");
        }
    }
}
