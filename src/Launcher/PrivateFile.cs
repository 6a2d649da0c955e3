namespace BookSaga.Launcher;

/// <summary>Files that a crash leaves either old or new, and that only their owner reads.</summary>
internal static class PrivateFile
{
    /// <summary>Replaces <paramref name="file"/> by <paramref name="text"/>, with mode 600.</summary>
    internal static void Write(string file, string text)
    {
        string unfinished = file + ".new";
        File.Delete(unfinished); // the mode below counts for a new file only
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var stream = new FileStream(unfinished, options))
        using (var writer = new StreamWriter(stream))
        {
            writer.Write(text);
            writer.Flush();
            stream.Flush(flushToDisk: true);
        }
        File.Move(unfinished, file, overwrite: true);
    }
}
