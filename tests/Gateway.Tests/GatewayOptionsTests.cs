using Microsoft.Extensions.Options;

namespace BookSaga.Gateway.Tests;

public sealed class GatewayOptionsTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    [Fact]
    public async Task Wrong_settings_stop_the_start_and_all_are_named_at_once()
    {
        OptionsValidationException refused = await Should.ThrowAsync<OptionsValidationException>(() => fixture.StartAsync(new()
        {
            ["Backends:company"] = "",
            ["Backends:payment"] = "http://127.0.0.1:1,ftp://127.0.0.1",
            ["TrustedProxies"] = "10.0.0.0/8,somewhere",
            ["RateLimit:LoginPerMinute"] = "0",
            ["TimeLimit:Saga"] = "00:00:00",
        }));

        string[] named = ["Backends:company", "Backends:payment", "'somewhere'", "RateLimit:LoginPerMinute", "TimeLimit:Saga"];
        refused.Failures.Count().ShouldBe(named.Length);
        named.ShouldAllBe(setting => refused.Failures.Any(failure => failure.Contains(setting)));
    }
}
