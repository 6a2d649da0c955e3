using System.Runtime.Versioning;
using BookSaga.Launcher;
using BookSaga.Launcher.Chaos;
using BookSaga.Launcher.Demo;
using BookSaga.Launcher.Verbs;
using Npgsql;

[assembly: UnsupportedOSPlatform("windows")]

try
{
    switch (args)
    {
        case ["up"]: return await Up.RunAsync(Workspace.Default());
        case ["down"]: return await Down.RunAsync(Workspace.Default());
        case ["status"]: return await Status.RunAsync(Workspace.Default());
        case ["logs"]: return await Logs.RunAsync(Workspace.Default());
        case ["demo"]: return await Story.RunAsync(Workspace.Default());
        case ["chaos"]: return await ChaosRun.RunAsync();
        case ["rolling"]: return await RollingRun.RunAsync();
        case ["monitor"]: return await BookSaga.Launcher.Verbs.Monitor.RunAsync(Workspace.Default());
        case ["backup"]: return await Backup.RunAsync(Workspace.Default());
        case ["restore"]: return await Restore.RunAsync(Workspace.Default());
        case ["reset"]: return await Reset.RunAsync(Workspace.Default());
        case ["run"]: return await Run.RunAsync(Workspace.Default());
        case ["with", "--postgres-only", _, ..]: return await With.PostgresAsync(args[2..]);
        case ["with", "--reuse", _, ..]: return await With.RunningOrOwnAsync(args[2..]);
        case ["with", _, ..] when !args[1].StartsWith('-'): return await With.PlatformAsync(args[1..]);
        default:
            await Console.Error.WriteLineAsync(Usage.Text);
            return 2;
    }
}
catch (Exception e) when (e is Failure or IOException or UnauthorizedAccessException or NpgsqlException)
{
    await Console.Error.WriteLineAsync(Failure.Sentence(e));
    return 1;
}
