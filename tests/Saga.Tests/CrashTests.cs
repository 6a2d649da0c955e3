using System.Diagnostics;
using BookSaga.Hosting.Data;

namespace BookSaga.Saga.Tests;

/// <summary>The customer service as a process of its own, killed by SIGKILL right after a step has committed, and started again.</summary>
public sealed class CrashTests : SagaWorld
{
    // saga.md's bound: every saga is finished within 5 s of the process's return.
    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(5);
    private readonly int _port = FreePort.Next();
    private ServiceProcess? _process;

    [Theory]
    [InlineData("Reserve", 10, "paid")]
    [InlineData("Charge", 10, "paid")]
    [InlineData("Confirm", 10, "paid")]
    [InlineData("Reserve", 1, "open")]
    [InlineData("Charge", 1, "open")]
    [InlineData("Release", 1, "open")]
    public async Task A_customer_service_killed_after_a_step_finishes_the_booking_when_it_is_back(string step, int balance, string outcome)
    {
        long offer = await OfferAsync(10m);
        TestUser client = await ClientAsync(balance);
        var committed = new TaskCompletionSource();
        var dead = new TaskCompletionSource();
        Faults.After(step, () =>
        {
            committed.TrySetResult();
            return dead.Task;
        });
        Task<HttpResponseMessage> answer = BookAsync(client, offer);
        await committed.Task.InTimeAsync();

        Kill();
        dead.SetResult();
        await answer.BreaksOffAsync();
        await StartCustomerAsync();
        var sinceReturn = Stopwatch.StartNew();
        await QuietAsync();

        sinceReturn.Elapsed.ShouldBeLessThan(RecoveryLimit + _process!.StartTook); // which is long where the machine is busy
        (await StatusAsync(offer)).ShouldBe(outcome);
        (await BalanceAsync(client)).ShouldBe(outcome == "paid" ? 0m : 1m);
        await AuditAsync();
    }

    [Fact]
    public async Task A_customer_service_killed_while_it_cancels_a_booking_returns_the_money_when_it_is_back()
    {
        long offer = await OfferAsync(10m);
        TestUser client = await ClientAsync(10m);
        Guid booking = (await Json200(await BookAsync(client, offer))).GetProperty("id").GetGuid();
        var committed = new TaskCompletionSource();
        var dead = new TaskCompletionSource();
        Faults.After("Cancel", () =>
        {
            committed.TrySetResult();
            return dead.Task;
        });
        using HttpClient http = CustomerHttp(client);
        Task<HttpResponseMessage> answer = http.PostAsync($"/api/v1/customer/bookings/{booking}/cancel", null);
        await committed.Task.InTimeAsync();

        Kill();
        dead.SetResult();
        await answer.BreaksOffAsync();
        await StartCustomerAsync();
        await QuietAsync();

        (await BalanceAsync(client)).ShouldBe(10m);
        (await StatusAsync(offer)).ShouldBe("open");
        await AuditAsync();
    }

    [Fact]
    public async Task An_answer_lost_with_the_process_is_replayed_under_the_same_idempotency_key_without_a_second_charge()
    {
        long offer = await OfferAsync(10m);
        TestUser client = await ClientAsync(30m);
        var committed = new TaskCompletionSource();
        var dead = new TaskCompletionSource();
        Faults.After("Charge", () =>
        {
            committed.TrySetResult();
            return dead.Task;
        });
        Task<HttpResponseMessage> answer = BookAsync(client, offer, "lost");
        await committed.Task.InTimeAsync();
        Kill();
        dead.SetResult();
        await answer.BreaksOffAsync();
        await StartCustomerAsync();
        // The dead process's lock on the key: as if its 30 s had passed.
        await CustomerDb.Db.ExecuteAsync("UPDATE idempotency SET locked_until = now()", default);

        (await Json200(await BookAsync(client, offer, "lost"))).GetProperty("status").GetString().ShouldBe("paid");

        (await BalanceAsync(client)).ShouldBe(20m);
        await AuditAsync();
    }

    // Here, because meters of several services in one process cannot be told apart.
    [Fact]
    public async Task A_broken_invariant_is_counted_in_the_metrics_of_the_process()
    {
        TestUser client = await ClientAsync(10m);
        await PaymentDb.Db.ExecuteAsync("UPDATE account SET balance_minor = balance_minor + 1 WHERE customer_id = $1", default, client.Id);
        using HttpClient http = CustomerHttp(client);
        // A look at whole tables is followed by a rest of twenty times its length, and the first one is slow on a busy machine.
        await Until.TrueAsync(async () => (await http.GetStringAsync("/metrics")).Split('\n')
            .Where(l => l.StartsWith("booksaga_invariant_violations{", StringComparison.Ordinal) && l.Contains("\"money_is_conserved\"", StringComparison.Ordinal))
            .Select(l => l.Split("} ")[1].Split(' ')[0])
            .SequenceEqual(["1"]));
    }

    public override async ValueTask DisposeAsync()
    {
        Kill();
        await base.DisposeAsync();
    }

    public override HttpClient CustomerHttp(TestUser user) =>
        new() { BaseAddress = new Uri($"http://127.0.0.1:{_port}"), DefaultRequestHeaders = { Authorization = Authority.Header(user) } };

    // A slow machine may take seconds to start the process again; the booking is not to be given up for that.
    protected override Dictionary<string, string> CustomerSettings() => new(base.CustomerSettings()) 
    {
        ["Saga:Deadline"] = "00:01:00",
        ["Audit:Interval"] = "00:00:00.1",
        ["Audit:RoundsPerCheck"] = "1",
        ["Audit:CheckShare"] = "1",
    };

    protected override async Task StartCustomerAsync()
    {
        Dictionary<string, string> settings = CustomerSettings();
        settings["Listen:HttpPort"] = $"{_port}";
        settings["Listen:GrpcPort"] = $"{CustomerGrpcPort}";
        settings["Database:Url"] = CustomerDb.Url;
        settings["Auth:Issuer"] = TestAuthority.Issuer;
        settings["Auth:Authority"] = Authority.Authority;
        _process = await ServiceProcess.StartAsync("customer", settings);
    }

    private void Kill()
    {
        _process?.Dispose();
        _process = null;
    }
}
