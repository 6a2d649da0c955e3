using BookSaga.Launcher.Postgres;

namespace BookSaga.Launcher.Verbs;

/// <summary><c>reset</c>: stops the platform and deletes its data folder, wherever the database cluster is.</summary>
internal static class Reset
{
    internal static async Task<int> RunAsync(Workspace workspace)
    {
        _ = await Down.RunAsync(workspace);
        Delete(workspace);
        Console.WriteLine($"{workspace.Data} is deleted.");
        return 0;
    }

    internal static void Delete(Workspace workspace)
    {
        foreach (string folder in (string[])[PostgresCluster.Folder(workspace), workspace.Data])
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }
}
