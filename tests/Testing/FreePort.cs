namespace BookSaga.Testing;

/// <summary>Loopback ports that nobody listens on, each given once in this process; no other test process takes them, nor an outgoing connection.</summary>
public static class FreePort
{
    private static readonly HashSet<int> s_taken = [];

    public static int Next()
    {
        lock (s_taken)
        {
            return Launcher.FreePort.Take(s_taken);
        }
    }
}
