using System.ComponentModel.DataAnnotations;
using BookSaga.Notification.Webhooks;

namespace BookSaga.Notification.Tests.Webhooks;

public sealed class WebhookOptionsTests
{
    [Fact]
    public void The_defaults_are_closed_and_valid()
    {
        var options = new WebhookOptions();
        Wrong(options).ShouldBeEmpty();
        (options.AllowHttp, options.AllowPrivateAddresses).ShouldBe((false, false));
        (options.Timeout, options.DisableAfter).ShouldBe((TimeSpan.FromSeconds(15), TimeSpan.FromDays(5)));
    }

    [Fact]
    public void Every_wrong_setting_is_named_at_once() => Wrong(new WebhookOptions
    {
        Timeout = TimeSpan.FromMinutes(2), DisableAfter = TimeSpan.Zero, SecretOverlap = TimeSpan.FromDays(-1), Concurrency = 0, ConcurrencyPerWebhook = 0, KeepFor = TimeSpan.FromDays(1),
    }).ShouldBe(["Timeout", "DisableAfter", "SecretOverlap", "Concurrency", "ConcurrencyPerWebhook", "KeepFor"], ignoreOrder: true);

    private static string[] Wrong(WebhookOptions options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        return [.. results.SelectMany(r => r.MemberNames)];
    }
}
