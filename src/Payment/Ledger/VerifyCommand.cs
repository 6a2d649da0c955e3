using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Payment.Ledger;

/// <summary>
/// <c>dotnet BookSaga.Payment.dll verify [number hash]</c>: recomputes the ledger at <c>Database:Url</c>, compares with a block
/// noted before where one is given, and names the first thing that is wrong.
/// </summary>
/// <remarks>Exit code: 0 all is right, 1 something is wrong, 2 it could not be verified.</remarks>
internal static class VerifyCommand
{
    private static readonly TimeSpan s_unsealedLimit = TimeSpan.FromMinutes(1);

    internal static async Task<int> RunAsync(string[] args, TextWriter output, CancellationToken ct)
    {
        IConfiguration settings = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(args).Build();
        string[] words = [.. args.Skip(1).Where(a => !a.StartsWith('-'))];
        if (settings["Database:Url"] is not { } url || words.Length is not (0 or 2) || (words.Length == 2 && !long.TryParse(words[0], out _)))
        {
            await output.WriteLineAsync("usage: Database__Url=postgres://… dotnet BookSaga.Payment.dll verify [number hash]");
            return 2;
        }
        try
        {
            await using var connection = new NpgsqlConnection(Database.ConnectionString(url));
            await connection.OpenAsync(ct);
            (long, string)? noted = words is [var number, var hash] ? (long.Parse(number, System.Globalization.CultureInfo.InvariantCulture), hash) : null;
            LedgerVerification.Result result = await new LedgerVerification(connection, s_unsealedLimit, noted).RunAsync(ct);
            await output.WriteLineAsync(result.Fault is { } fault
                ? "invalid: " + fault
                : $"valid: {result.Head.Transfers} transfers in {result.Head.Number} blocks, {result.Unsealed} not sealed yet, trial balance 0, head {result.Head.Number} {Block.Hex(result.Head.Hash)}");
            return result.Fault is null ? 0 : 1;
        }
        catch (NpgsqlException e)
        {
            await output.WriteLineAsync("not verified: " + e.Message);
            return 2;
        }
    }
}
