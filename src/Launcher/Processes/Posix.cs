using System.Runtime.InteropServices;

namespace BookSaga.Launcher.Processes;

/// <summary>The few system calls that .NET does not offer.</summary>
internal static partial class Posix
{
    internal const int Interrupt = 2;
    internal const int Quit = 3;
    internal const int Kill = 9;
    internal const int Terminate = 15;

    // Numbers that differ between systems; the constants above do not.
    internal static int Stop => OperatingSystem.IsLinux() ? 19 : 17;

    internal static int Continue => OperatingSystem.IsLinux() ? 18 : 19;

    internal static bool IsRoot => GetEffectiveUserId() == 0;

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int SendSignal(int pid, int signal);

    /// <summary>Leaves the terminal's session, so that Ctrl-C or a closed window does not reach this process.</summary>
    [LibraryImport("libc", EntryPoint = "setsid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int StartNewSession();

    [LibraryImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint GetEffectiveUserId();
}
