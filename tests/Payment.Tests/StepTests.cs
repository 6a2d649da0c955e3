using BookSaga.Contracts.Payment;
using BookSaga.Hosting.Data;
using Grpc.Core;
using Code = BookSaga.Contracts.Payment.PaymentOutcome.Types.Code;

namespace BookSaga.Payment.Tests;

public sealed class StepTests(PaymentWorld world) : IClassFixture<PaymentWorld>
{
    [Fact]
    public async Task A_charge_takes_the_price_once_however_often_it_is_called()
    {
        TestUser client = await world.ClientAsync(20m);
        ChargeItem item = PaymentWorld.Item(client, 1250);

        PaymentOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ => (await world.ChargeAsync(item))[0]));

        outcomes.ShouldAllBe(o => o.Code == Code.Charged);
        (await world.BalanceAsync(client)).ShouldBe(7.50m);
        await world.AuditAsync();
    }

    [Fact]
    public async Task The_same_booking_twice_in_one_batch_is_charged_once()
    {
        TestUser client = await world.ClientAsync(20m);
        ChargeItem item = PaymentWorld.Item(client, 1500);

        PaymentOutcome[] outcomes = await world.ChargeAsync(item, item.Clone());

        outcomes.ShouldAllBe(o => o.Code == Code.Charged);
        (await world.BalanceAsync(client)).ShouldBe(5m);
        await world.AuditAsync();
    }

    [Fact]
    public async Task A_late_charge_after_a_cancellation_takes_nothing()
    {
        TestUser client = await world.ClientAsync(20m);
        ChargeItem item = PaymentWorld.Item(client, 1250);

        (await world.CancelAsync(item)).Code.ShouldBe(Code.Refused);
        PaymentOutcome late = (await world.ChargeAsync(item))[0];

        late.Code.ShouldBe(Code.Refused);
        late.Reason.ShouldBe("cancelled");
        (await world.BalanceAsync(client)).ShouldBe(20m);
        await world.AuditAsync();
    }

    [Fact]
    public async Task A_cancellation_after_the_charge_changes_nothing_and_says_so()
    {
        TestUser client = await world.ClientAsync(20m);
        ChargeItem item = PaymentWorld.Item(client, 1250);
        await world.ChargeAsync(item);

        (await world.CancelAsync(item)).Code.ShouldBe(Code.Charged);

        (await world.BalanceAsync(client)).ShouldBe(7.50m);
        await world.AuditAsync();
    }

    [Fact]
    public async Task Charge_and_cancellation_at_once_agree_on_one_decision()
    {
        for (int i = 0; i < 50; i++)
        {
            TestUser client = await world.ClientAsync(1m);
            ChargeItem item = PaymentWorld.Item(client, 100);

            Task<PaymentOutcome[]> charge = world.ChargeAsync(item);
            Task<PaymentOutcome> cancel = world.CancelAsync(item.Clone());

            (await cancel).Code.ShouldBe((await charge)[0].Code);
            (await world.BalanceAsync(client)).ShouldBe((await charge)[0].Code == Code.Charged ? 0m : 1m);
        }
        await world.AuditAsync();
    }

    [Fact]
    public async Task Ten_refunds_at_once_return_the_price_once_and_a_repeated_charge_still_says_charged()
    {
        TestUser client = await world.ClientAsync(20m);
        ChargeItem item = PaymentWorld.Item(client, 1250);
        await world.ChargeAsync(item);

        PaymentOutcome[] refunds = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => world.RefundAsync(item.Clone())));

        refunds.ShouldAllBe(o => o.Code == Code.Refunded);
        (await world.ChargeAsync(item))[0].Code.ShouldBe(Code.Charged);
        (await world.BalanceAsync(client)).ShouldBe(20m);
        await world.AuditAsync();
    }

    [Fact]
    public async Task A_refund_is_of_its_own_booking_only_and_a_refused_payment_is_not_refunded()
    {
        TestUser client = await world.ClientAsync(20m);
        TestUser other = await world.ClientAsync(0m);
        ChargeItem charged = PaymentWorld.Item(client, 500);
        ChargeItem refused = PaymentWorld.Item(other, 500, offer: 1);
        await world.ChargeAsync(charged, refused);

        (await world.RefundAsync(refused)).Code.ShouldBe(Code.Refused);
        ChargeItem stolen = charged.Clone();
        stolen.CustomerId = other.Id.ToString();
        (await world.RefundAsync(stolen)).Code.ShouldBe(Code.Mismatch);
        ChargeItem dearer = charged.Clone();
        dearer.AmountMinor = 501;
        (await world.RefundAsync(dearer)).Code.ShouldBe(Code.Mismatch);

        (await world.BalanceAsync(client)).ShouldBe(15m);
        (await world.BalanceAsync(other)).ShouldBe(0m);
        await world.AuditAsync();
    }

    [Fact]
    public async Task A_retained_payment_is_not_refunded_afterwards()
    {
        TestUser client = await world.ClientAsync(20m);
        ChargeItem item = PaymentWorld.Item(client, 500);
        await world.ChargeAsync(item);

        (await world.Payments.RetainAsync(new ChargeBatch { Items = { item } })).Outcomes[0].Code.ShouldBe(Code.Retained);
        (await world.RefundAsync(item)).Code.ShouldBe(Code.Retained);

        (await world.BalanceAsync(client)).ShouldBe(15m);
        await world.AuditAsync();
    }

    [Fact]
    public async Task The_same_booking_with_another_payload_is_a_mismatch()
    {
        TestUser client = await world.ClientAsync(20m);
        ChargeItem item = PaymentWorld.Item(client, 500);
        await world.ChargeAsync(item);
        ChargeItem dearer = item.Clone();
        dearer.AmountMinor = 501;
        ChargeItem another = item.Clone();
        another.OfferId = 2;

        (await world.ChargeAsync(dearer, another)).ShouldAllBe(o => o.Code == Code.Mismatch);

        (await world.BalanceAsync(client)).ShouldBe(15m);
    }

    [Fact]
    public async Task Charges_of_one_customer_in_one_batch_get_the_answers_that_some_order_gives()
    {
        var random = new Random(20_261_123);
        for (int round = 0; round < 100; round++)
        {
            long balance = random.Next(0, 60);
            TestUser client = await world.ClientAsync(balance / 100m);
            ChargeItem[] items = [.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => PaymentWorld.Item(client, random.Next(1, 30)))];

            PaymentOutcome[] outcomes = await world.ChargeAsync(items);

            long taken = items.Zip(outcomes).Where(x => x.Second.Code == Code.Charged).Sum(x => x.First.AmountMinor);
            taken.ShouldBeLessThanOrEqualTo(balance);
            // After all that were charged, none that was refused would have fitted: so some serial order gives exactly this.
            items.Zip(outcomes).Where(x => x.Second.Code == Code.Refused).ShouldAllBe(x => x.First.AmountMinor > balance - taken);
            (await world.BalanceAsync(client)).ShouldBe((balance - taken) / 100m);
        }
        await world.AuditAsync();
    }

    [Fact]
    public async Task A_charge_of_a_customer_without_an_account_is_recorded_as_refused()
    {
        var client = TestUser.New();

        (await world.ChargeAsync(PaymentWorld.Item(client, 100)))[0].Reason.ShouldBe("insufficient_funds");

        (await world.Database.Db.QueryFirstAsync("SELECT count(*) FROM transfer WHERE customer_id = $1 AND status = 'refused'", r => r.GetInt64(0), default, client.Id)).ShouldBe(1);
    }

    [Fact]
    public async Task A_bad_item_harms_no_other_in_its_batch()
    {
        TestUser client = await world.ClientAsync(20m);
        ChargeItem good = PaymentWorld.Item(client, 100);
        ChargeItem bad = PaymentWorld.Item(client, -100);

        PaymentOutcome[] mixed = await world.ChargeAsync(good, bad);

        mixed.Select(o => o.Code).ShouldBe([Code.Charged, Code.Unspecified]);
        mixed[1].Reason.ShouldStartWith("23514");
        (await world.BalanceAsync(client)).ShouldBe(19m);
        await world.AuditAsync();
    }

    [Fact]
    public async Task Nobody_but_our_own_services_may_call_the_steps()
    {
        TestUser client = await world.ClientAsync(20m);
        foreach ((string token, StatusCode status) in new[] { ("", StatusCode.Unauthenticated), (world.Authority.UserToken(client), StatusCode.PermissionDenied) })
        {
            var stranger = new Payments.PaymentsClient(world.Service.Grpc(token));
            RpcException refused = await Should.ThrowAsync<RpcException>(async () => await stranger.RefundAsync(new ChargeBatch { Items = { PaymentWorld.Item(client, 1) } }));
            refused.StatusCode.ShouldBe(status);
        }
    }
}
