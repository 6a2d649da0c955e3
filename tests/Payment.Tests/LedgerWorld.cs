using BookSaga.Hosting.Data;
using BookSaga.Payment.Ledger;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace BookSaga.Payment.Tests;

/// <summary>A payment service that seals only when the test says so.</summary>
public sealed class LedgerWorld : PaymentWorld
{
    protected override Dictionary<string, string> Settings => new() { ["Ledger:SealInterval"] = "1.00:00:00" };

    public Task<int> SealAsync() => Service.Services.GetRequiredService<LedgerSealer>().SealAsync(default);

    /// <summary>What verification finds wrong; null is nothing. Nothing may be unsealed for longer than <paramref name="unsealed"/>.</summary>
    public async Task<string?> FaultAsync(TimeSpan? unsealed = null, (long, string)? noted = null)
    {
        await using NpgsqlConnection connection = await Database.Db.OpenConnectionAsync();
        return (await new LedgerVerification(connection, unsealed ?? TimeSpan.FromMinutes(1), noted).RunAsync(default)).Fault;
    }

    /// <summary>The output and exit code of <c>verify</c>.</summary>
    public async Task<(int Code, string Text)> CommandAsync(params string[] words)
    {
        await using var output = new StringWriter();
        int code = await VerifyCommand.RunAsync(["verify", .. words, $"--Database:Url={Database.Url}"], output, default);
        return (code, output.ToString().TrimEnd());
    }

    public Task<long> OneAsync(string sql, params object?[] args) => Database.Db.QueryFirstAsync(sql, row => row.GetInt64(0), default, args);

    /// <summary>Runs <paramref name="sql"/> as a superuser does who has switched off triggers and foreign keys.</summary>
    public Task TamperAsync(string sql) => Database.Db.ExecuteAsync($"SET session_replication_role = replica; {sql}; SET session_replication_role = origin", default);
}
