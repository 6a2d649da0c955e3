using BookSaga.Launcher.Chaos;
using BookSaga.Launcher.Postgres;

namespace BookSaga.Launcher.Tests;

/// <summary>A backup taken in the middle of load, put back under another platform: all databases show one moment, and the sagas of that moment end as they must.</summary>
public sealed class BackupTests
{
    private static readonly TimeSpan Load = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(4);

    [Fact]
    public async Task A_backup_under_load_restores_to_a_platform_in_which_nothing_is_wrong()
    {
        using var backups = new TemporaryFolder();
        string folder = backups.File("backup");
        var tally = new Tally();

        int code = await new ThrowAway { MailToFiles = true }.RunAsync((platform, stop) => BackUpAsync(platform, folder, tally, stop));
        code.ShouldBe(0);

        using var folderAfter = new TemporaryFolder();
        folderAfter.Workspace.Create();
        string broker = Directory.CreateDirectory(ServerFolder.Of(folderAfter.Workspace, PlatformState.RabbitMq)).FullName;
        (await BaseBackup.RestoreAsync(folder, folderAfter.Workspace, _ => { }, TestContext.Current.CancellationToken)).ShouldBeNull();
        Directory.Exists(broker).ShouldBeFalse("its messages are of another time");
        await CheckAsync(folderAfter.Workspace, tally);
    }

    [Fact]
    public async Task A_backup_with_a_damaged_file_is_not_put_back_and_what_is_there_stays()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        folder.Workspace.Create();
        var platform = new Platform(folder.Workspace, Ports.Choose(gateway: null, before: null), durable: false, _ => { });
        PostgresUrl server = await platform.StartPostgresAsync(ct);
        using var backups = new TemporaryFolder();
        string backup = backups.File("backup");
        await BaseBackup.TakeAsync(server, folder.Workspace, backup + "/", ct);
        await platform.StopAsync();
        string secrets = await File.ReadAllTextAsync(folder.Workspace.SecretsFile, ct);

        await File.AppendAllTextAsync(Path.Combine(backup, BaseBackup.Cluster, "PG_VERSION"), " ", ct);

        Failure refused = await Should.ThrowAsync<Failure>(() => BaseBackup.RestoreAsync(backup, folder.Workspace, _ => { }, ct));
        refused.Message.ShouldStartWith("pg_verifybackup failed: ");
        (await File.ReadAllTextAsync(folder.Workspace.SecretsFile, ct)).ShouldBe(secrets);
        File.GetUnixFileMode(backup).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        (await Should.ThrowAsync<Failure>(() => BaseBackup.RestoreAsync(backups.File("nothing"), folder.Workspace, _ => { }, ct))).Message.ShouldContain("holds no backup");
    }

    private static async Task<int> BackUpAsync(Platform platform, string folder, Tally tally, CancellationToken stop)
    {
        await platform.StartAsync(stop);
        platform.DeclareReady();
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(40) };
        Crowd crowd = await Crowd.GatherAsync(new Gateways(platform, http), http, tally, clients: 16, seed: 11, patient: true, stop);
        using var load = CancellationTokenSource.CreateLinkedTokenSource(stop);
        load.CancelAfter(Load);
        Task people = crowd.RunAsync(load.Token);
        await Task.Delay(Before, stop);
        await BaseBackup.TakeAsync(platform.PostgresUrl!, new Workspace(Path.GetDirectoryName(platform.StateFile)!), folder, stop);
        await people;
        return 0;
    }

    private static async Task CheckAsync(Workspace workspace, Tally tally)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        var platform = new Platform(workspace, Ports.Choose(gateway: null, before: null), durable: false, _ => { }) { MailToFiles = true };
        try
        {
            await platform.StartAsync(ct);
            var databases = new Chaos.Databases(platform.PostgresUrl!);
            await Quiet.WaitAsync(databases, null, ct);

            long bookings = await databases.CountAsync("customer", "SELECT count(*) FROM booking");
            bookings.ShouldBeInRange(10, tally.Tried);
            (await new Audit(databases, tally, new Settle(tally), null, platform.Logs).OfDatabasesAsync()).Where(f => f.Count > 0).ShouldBeEmpty();
        }
        finally
        {
            await platform.StopAsync();
        }
    }
}
