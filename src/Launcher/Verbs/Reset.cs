namespace BookSaga.Launcher.Verbs;

/// <summary><c>reset</c>: stops the platform and deletes its data folder, wherever its servers' data is.</summary>
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
        foreach (string folder in (string[])[ServerFolder.Of(workspace, PlatformState.Postgres), ServerFolder.Of(workspace, PlatformState.RabbitMq), workspace.Data])
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }
}
