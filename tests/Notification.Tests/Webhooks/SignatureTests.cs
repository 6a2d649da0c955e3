using BookSaga.Notification.Webhooks;

namespace BookSaga.Notification.Tests.Webhooks;

public sealed class SignatureTests
{
    // The example that the specification's own libraries are tested with.
    [Fact]
    public void The_published_example_is_signed_as_published() => WebhookSignature.Sign(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "msg_p5jXN8AQM9LWM0D4loKWxJek", DateTimeOffset.FromUnixTimeSeconds(1614265330), """{"test": 2432232314}""")
        .ShouldBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");

    [Fact]
    public void A_secret_is_32_random_bytes()
    {
        string[] secrets = [.. Enumerable.Range(0, 50).Select(_ => WebhookSignature.NewSecret())];
        secrets.ShouldAllBe(secret => secret.StartsWith("whsec_", StringComparison.Ordinal) && Convert.FromBase64String(secret.Substring(6)).Length == 32);
        secrets.Distinct().Count().ShouldBe(50);
    }
}
