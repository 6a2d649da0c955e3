namespace BookSaga.Launcher.Verbs;

/// <summary>What is printed for a verb that does not exist; exit code 2.</summary>
internal static class Usage
{
    internal const string Text = """
        usage: BookSaga.Launcher <verb>
          up       start the platform in the background and wait until it is ready
          down     stop it
          status   what runs, where
          logs     the end of all logs; follows them on a terminal
          demo     play the booking story against the running platform
          chaos    kill, freeze and restart the processes of a throw-away platform under load, then audit it
          rolling  restart every replica of a throw-away platform one by one under load: no request may fail
          monitor  run Prometheus on the running platform until Ctrl-C
          backup   copy the running platform's data to a folder of backups
          restore  put a backup (FROM=folder) in the place of the stopped platform's data
          reset    stop it and delete its data
          run      be the supervisor (what `up` starts)
          with [--postgres-only | --reuse] command…   run a command against a throw-away platform
        """;
}
