namespace BookSaga.Launcher.Processes;

/// <summary>The <c>dotnet</c> that runs this program, so that the services run on the same one.</summary>
internal static class DotnetHost
{
    internal static string Path { get; } =
        System.IO.Path.GetFileName(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";
}
