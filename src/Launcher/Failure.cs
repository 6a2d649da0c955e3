using Npgsql;

namespace BookSaga.Launcher;

/// <summary>What the person at the keyboard can mend: the message is one sentence, shown without a stack trace; exit code 1.</summary>
internal sealed class Failure(string sentence) : Exception(sentence)
{
    /// <summary>One sentence for what people can mend; everything for what only programmers can.</summary>
    internal static string Sentence(Exception e) => e switch
    {
        Failure => e.Message,
        PostgresException postgres => $"The database refused: {postgres.MessageText}.",
        IOException or UnauthorizedAccessException or NpgsqlException => e.Message.TrimEnd('.') + ".",
        _ => e.ToString(),
    };
}
