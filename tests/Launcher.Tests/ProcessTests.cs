using System.Diagnostics;
using BookSaga.Launcher.Processes;

namespace BookSaga.Launcher.Tests;

public sealed class ProcessTests
{
    private static readonly TimeSpan Limit = Until.Patience;
    private static readonly Command Sleep = new("sleep", ["300"]);

    [Fact]
    public async Task Leftovers_of_a_killed_supervisor_are_ended_but_never_a_stranger_with_the_same_pid()
    {
        using Process ours = Sleep.Start();
        using Process stranger = Sleep.Start();
        var state = new PlatformState
        {
            Processes =
            [
                new ProcessState("company", RunningProcess.Of(ours.Id), 1, 2, 0),
                new ProcessState("payment", RunningProcess.Of(stranger.Id)! with { Started = "another time" }, 3, 4, 0),
            ],
        };

        await state.EndLeftoversAsync();

        await ours.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Limit, TestContext.Current.CancellationToken);
        stranger.HasExited.ShouldBeFalse();
        stranger.Kill();
    }

    [Fact]
    public void A_state_is_read_as_it_was_written_and_a_torn_one_counts_as_none()
    {
        using var folder = new TemporaryFolder();
        var state = new PlatformState { Phase = Phase.Ready, Url = "http://localhost:1", Supervisor = RunningProcess.Of(Environment.ProcessId) };
        state.Write(folder.File("platform.json"));

        PlatformState.Read(folder.File("platform.json")).ShouldNotBeNull().IsRunning.ShouldBeTrue();
        File.WriteAllText(folder.File("platform.json"), "{\"phase\": \"rea");
        PlatformState.Read(folder.File("platform.json")).ShouldBeNull();
    }

    [Fact]
    public async Task A_state_that_cannot_be_written_ends_neither_what_runs_nor_who_looks_after_it()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        folder.Workspace.Create();
        Directory.CreateDirectory(folder.Workspace.StateFile + ".new"); // as a full disk, which takes no new file
        var said = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var platform = new Platform(folder.Workspace, Ports.Choose(gateway: null, before: null), durable: false, said.Enqueue);

        await platform.StartPostgresAsync(ct);

        said.ShouldContain(text => text.Contains("platform.json cannot be written", StringComparison.Ordinal));
        await platform.StopAsync();
    }

    [Fact]
    public void Logs_and_mails_are_closed_to_other_users_also_where_they_were_open()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.Workspace.Logs, (UnixFileMode)0b111_101_101);
        folder.Workspace.Create();
        ((string[])[folder.Workspace.Logs, folder.Workspace.Mail]).Select(File.GetUnixFileMode)
            .ShouldAllBe(mode => mode == (UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    [Fact]
    public async Task A_killed_service_is_started_again_and_a_stopped_one_is_not()
    {
        using var folder = new TemporaryFolder();
        using var changed = new SemaphoreSlim(0);
        var child = new Child("sleeper", () => Sleep, folder.File("sleeper.log"), _ => { }, () => changed.Release());
        child.Start();
        RunningProcess first = await NextAsync(child, changed);

        first.Signal(Posix.Kill);
        RunningProcess second = await NextAsync(child, changed);

        second.ShouldNotBe(first);
        child.Restarts.ShouldBe(1);
        await child.StopAsync(Posix.Terminate, Limit);
        second.IsAlive().ShouldBeFalse();
        child.Current.ShouldBeNull();
    }

    [Fact]
    public async Task What_a_service_prints_is_in_its_log()
    {
        using var folder = new TemporaryFolder();
        using Process process = new Command("echo", ["a word with 'quotes' and $dollars"]).StartLogged(folder.File("a b.log"));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        (await File.ReadAllTextAsync(folder.File("a b.log"), TestContext.Current.CancellationToken)).ShouldBe("a word with 'quotes' and $dollars\n");
    }

    private static async Task<RunningProcess> NextAsync(Child child, SemaphoreSlim changed)
    {
        do
        {
            (await changed.WaitAsync(Limit, TestContext.Current.CancellationToken)).ShouldBeTrue();
        }
        while (child.Current is null);
        return child.Current!;
    }
}
