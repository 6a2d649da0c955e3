using BookSaga.Contracts.Payment;
using BookSaga.Payment.Steps;
using Code = BookSaga.Contracts.Payment.PaymentOutcome.Types.Code;

namespace BookSaga.Payment.Tests;

/// <summary>Two replicas on one database: charges, cancellations, refunds and top-ups of few clients at once, also of one whose account is just being opened.</summary>
public sealed class ReplicasTests(PaymentWorld world) : IClassFixture<PaymentWorld>
{
    [Fact]
    public async Task Two_replicas_that_move_the_same_clients_money_at_once_agree_on_every_decision()
    {
        TestService<PaymentSteps> other = await new TestService<PaymentSteps>(world.Authority, world.Database.Url).StartAsync();
        Payments.PaymentsClient[] replicas = [world.Payments, new Payments.PaymentsClient(other.Grpc())];
        var random = new Random(20_261_124);
        for (int round = 0; round < 10; round++)
        {
            TestUser[] clients = [await world.ClientAsync(2m), await world.ClientAsync(3m), TestUser.New()];
            ChargeItem[] items = [.. Enumerable.Range(0, 20).Select(_ => PaymentWorld.Item(clients[random.Next(3)], random.Next(1, 80), company: 1000 + round))];
            ChargeItem[] reversed = [.. items.Reverse()];

            Task<PaymentOutcomes> charge = replicas[0].ChargeAsync(new ChargeBatch { Items = { items } }).ResponseAsync;
            Task<PaymentOutcomes> again = replicas[1].ChargeAsync(new ChargeBatch { Items = { reversed } }).ResponseAsync;
            Task<PaymentOutcomes> cancel = replicas[1].CancelAsync(new ChargeBatch { Items = { reversed } }).ResponseAsync;
            Task<TestUser> opened = OpenAsync(other, clients[2]);
            await Task.WhenAll(charge, again, cancel, opened);

            Code[] codes = [.. (await charge).Outcomes.Select(o => o.Code)];
            codes.ShouldBe((await again).Outcomes.Select(o => o.Code).Reverse());
            codes.ShouldBe((await cancel).Outcomes.Select(o => o.Code).Reverse());

            PaymentOutcomes[] refunds = await Task.WhenAll(
                replicas[0].RefundAsync(new ChargeBatch { Items = { items } }).ResponseAsync, replicas[1].RefundAsync(new ChargeBatch { Items = { reversed } }).ResponseAsync);

            refunds[0].Outcomes.Select(o => o.Code).ShouldBe(codes.Select(c => c == Code.Charged ? Code.Refunded : c));
            (await world.BalanceAsync(clients[0])).ShouldBe(2m);
            (await world.BalanceAsync(clients[2])).ShouldBe(5m);
        }
        await world.AuditAsync();
        await other.DisposeAsync();
    }

    private static async Task<TestUser> OpenAsync(TestService<PaymentSteps> service, TestUser user)
    {
        using HttpClient http = service.Http(user);
        await http.PostAsync("/api/v1/customer/payment/create-account", null).JsonAsync(201);
        await http.PostAsync("/api/v1/customer/payment/top-up", new { amount = 5 }).JsonAsync(200);
        return user;
    }
}
