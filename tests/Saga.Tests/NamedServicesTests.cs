namespace BookSaga.Saga.Tests;

/// <summary>The participants are found by a name with several addresses, as a headless service of Kubernetes has them; nobody listens at some of them.</summary>
public sealed class NamedServicesTests : SagaWorld
{
    [Fact]
    public async Task A_booking_goes_through_whichever_addresses_a_name_has()
    {
        TestUser client = await ClientAsync(30m);
        for (int i = 0; i < 5; i++)
        {
            long offer = await OfferAsync(5m);

            (await Json200(await BookAsync(client, offer))).GetProperty("status").GetString().ShouldBe("paid");
        }
        (await BalanceAsync(client)).ShouldBe(5m);
        await AuditAsync();
    }

    // On most machines localhost is 127.0.0.1 and ::1, and only at the first of them somebody listens.
    protected override Dictionary<string, string> CustomerSettings() =>
        base.CustomerSettings().ToDictionary(s => s.Key, s => s.Key is "Services:booking" or "Services:payment" ? s.Value.Replace("http://127.0.0.1:", "dns:///localhost:", StringComparison.Ordinal) : s.Value);
}
