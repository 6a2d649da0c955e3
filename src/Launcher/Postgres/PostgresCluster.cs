using System.Diagnostics;
using System.Globalization;
using BookSaga.Launcher.Processes;
using Npgsql;

namespace BookSaga.Launcher.Postgres;

/// <summary>A private PostgreSQL cluster in the data folder, never the system's own; reached at 127.0.0.1 by password only.</summary>
internal sealed class PostgresCluster
{
    private const string Superuser = "booksaga";

    private readonly PostgresBinaries _binaries;
    private readonly ServerUser _user;
    private readonly string _folder;
    private readonly string _password;
    private readonly bool _durable;

    private PostgresCluster(PostgresBinaries binaries, ServerUser user, string folder, string password, bool durable) =>
        (_binaries, _user, _folder, _password, _durable) = (binaries, user, folder, password, durable);

    /// <summary>Opens the cluster of <paramref name="workspace"/>, made at its first use.</summary>
    /// <param name="workspace">Its data folder holds the cluster.</param>
    /// <param name="secrets">Keeps the superuser's password.</param>
    /// <param name="durable">False: data may be lost on a power cut; for runs that are thrown away.</param>
    /// <param name="say">Told what takes time.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="Failure">PostgreSQL is missing, or the cluster cannot be made.</exception>
    internal static async Task<PostgresCluster> OpenAsync(Workspace workspace, Secrets secrets, bool durable, Action<string> say, CancellationToken ct)
    {
        // The binaries come first: installing them creates the user postgres.
        PostgresBinaries binaries = await PostgresBinaries.FindAsync(ExistingMajor(Folder(workspace)), say, ct);
        ServerUser user = await ServerUser.FindAsync(ct);
        string folder = await ServerFolder.ChooseAsync(workspace, PlatformState.Postgres, user, ct);
        var cluster = new PostgresCluster(binaries, user, folder, secrets["postgres"], durable);
        if (ExistingMajor(cluster._folder) is null)
        {
            say($"creating the database cluster (PostgreSQL {binaries.Major})");
            await cluster.CreateAsync(ct);
        }
        return cluster;
    }

    /// <summary>Where the cluster of <paramref name="workspace"/> is.</summary>
    internal static string Folder(Workspace workspace) => ServerFolder.Of(workspace, PlatformState.Postgres);

    /// <summary>What starts the server in the foreground; removes a lock file whose server is gone.</summary>
    internal Command Server(int port)
    {
        RemoveStaleLock();
        List<string> arguments = ["-D", _folder];
        arguments.AddRange(PostgresSettings.For(port, _durable).SelectMany(s => new[] { "-c", $"{s.Name}={s.Value}" }));
        return _user.As(new Command(_binaries.Postgres, arguments) { Directory = _folder });
    }

    /// <summary>The superuser's address of the maintenance database.</summary>
    internal PostgresUrl Url(int port) => Url(_password, port);

    /// <summary>The same of a cluster whose password is among <paramref name="secrets"/>.</summary>
    internal static PostgresUrl Url(Secrets secrets, int port) => Url(secrets["postgres"], port);

    private static PostgresUrl Url(string password, int port) => new(string.Create(CultureInfo.InvariantCulture, $"postgres://{Superuser}:{password}@127.0.0.1:{port}/postgres"));

    /// <summary>Waits until the server takes connections.</summary>
    /// <exception cref="Failure">It does not within three minutes (recovery after a crash included), or refuses the password.</exception>
    internal async Task WaitAsync(int port, string log, CancellationToken ct)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(TimeSpan.FromMilliseconds(50), ct))
        {
            try
            {
                await using var connection = new NpgsqlConnection(Url(port).ConnectionString());
                await connection.OpenAsync(ct);
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidPassword)
            {
                throw new Failure("The password in .data/secrets.json is not the one of the database cluster; restore that file, or start anew with: make reset.");
            }
            catch (NpgsqlException) when (waited.Elapsed < TimeSpan.FromMinutes(3))
            {
                // not up yet
            }
            catch (NpgsqlException e)
            {
                throw new Failure($"PostgreSQL did not start within three minutes ({e.Message.TrimEnd('.')}); its log is {log}.");
            }
        }
    }

    // Made beside its final place and renamed, so that a killed run leaves no half cluster.
    private async Task CreateAsync(CancellationToken ct)
    {
        string unfinished = _folder + ".new";
        string passwordFile = _folder + ".password";
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }
        Directory.CreateDirectory(unfinished, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        PrivateFile.Write(passwordFile, _password);
        try
        {
            await _user.OwnAsync(unfinished, ct);
            await _user.OwnAsync(passwordFile, ct);
            (int code, string output) = await InitdbAsync("C.UTF-8");
            if (code != 0 && output.Contains("locale", StringComparison.Ordinal))
            {
                (code, output) = await InitdbAsync("C"); // not every system has C.UTF-8
            }
            if (code != 0)
            {
                string reason = output.Split('\n').FirstOrDefault(l => l.Contains("error:", StringComparison.Ordinal) || l.Contains("FATAL", StringComparison.Ordinal)) ?? output;
                throw new Failure($"The database cluster could not be created in {_folder}: {reason.Trim()}");
            }
            Directory.Move(unfinished, _folder);
        }
        finally
        {
            File.Delete(passwordFile);
        }

        Task<(int Code, string Output)> InitdbAsync(string locale)
        {
            List<string> arguments =
            [
                "-D", unfinished, "-U", Superuser, "--encoding=UTF8", $"--locale={locale}", "--auth=scram-sha-256", $"--pwfile={passwordFile}",
            ];
            if (!_durable)
            {
                arguments.Add("--no-sync");
            }
            return _user.As(new Command(_binaries.Initdb, arguments) { Directory = unfinished }).RunAsync(ct);
        }
    }

    // The server refuses to start over a lock file whose pid exists, though after kill -9 that may be any program by now.
    private void RemoveStaleLock()
    {
        string lockFile = Path.Combine(_folder, "postmaster.pid");
        if (File.Exists(lockFile)
            && int.TryParse(File.ReadLines(lockFile).FirstOrDefault(), CultureInfo.InvariantCulture, out int pid)
            && !IsServer(pid))
        {
            File.Delete(lockFile);
        }
    }

    private static bool IsServer(int pid)
    {
        string commandLine = $"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/cmdline";
        return RunningProcess.Of(pid) is not null
            && (!OperatingSystem.IsLinux() || (File.Exists(commandLine) && File.ReadAllText(commandLine).Contains("postgres", StringComparison.Ordinal)));
    }

    /// <summary>The major version of the cluster in <paramref name="folder"/>; null: there is none.</summary>
    internal static int? ExistingMajor(string folder)
    {
        string version = Path.Combine(folder, "PG_VERSION");
        return File.Exists(version) ? int.Parse(File.ReadAllText(version), CultureInfo.InvariantCulture) : null;
    }
}
