namespace BookSaga.Launcher.Tests;

/// <summary>A data folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    internal Workspace Workspace { get; } = Workspace.Temporary();

    internal string File(string name) => Path.Combine(Workspace.Data, name);

    public void Dispose() => Verbs.Reset.Delete(Workspace);
}
