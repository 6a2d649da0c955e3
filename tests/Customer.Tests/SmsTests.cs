using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using BookSaga.Customer.Profiles;
using Microsoft.Extensions.Options;

namespace BookSaga.Customer.Tests;

public sealed class SmsTests
{
    private const string Phone = "+7 (900) 123-45-67";

    [Fact]
    public async Task Twilio_is_asked_as_its_api_is_published()
    {
        await using SmsWorld world = await SmsWorld.WithTwilioAsync();
        using HttpClient http = world.Service.Http(TestUser.New());
        await SendAsync(http).JsonAsync(200);
        (string line, string authorization, Dictionary<string, string> form) = world.Calls.ShouldHaveSingleItem();
        line.ShouldBe($"POST /2010-04-01/Accounts/{SmsWorld.Account}/Messages.json");
        authorization.ShouldBe(new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes(SmsWorld.Account + ":token"))).ToString());
        form.Keys.ShouldBe(["To", "From", "Body"], ignoreOrder: true);
        (form["To"], form["From"]).ShouldBe(("+79001234567", "+15005550006"));
        form["Body"].ShouldMatch("^BookSaga: [0-9]{6}$");
        await CheckAsync(http, world.LastCode).JsonAsync(200);
    }

    [Fact]
    public async Task A_sender_pool_takes_the_senders_place()
    {
        await using SmsWorld world = await SmsWorld.OpenAsync(new()
        {
            ["Sms:Provider"] = "twilio", ["Sms:Text"] = "Код {code} никому не говорите",
            ["Sms:Twilio:AccountSid"] = SmsWorld.Account, ["Sms:Twilio:AuthToken"] = "token", ["Sms:Twilio:MessagingServiceSid"] = "MG0123456789abcdef0123456789abcdef",
        });
        using HttpClient http = world.Service.Http(TestUser.New());
        await SendAsync(http).JsonAsync(200);
        Dictionary<string, string> form = world.Calls.Single().Form;
        form["MessagingServiceSid"].ShouldBe("MG0123456789abcdef0123456789abcdef");
        form.ShouldNotContainKey("From");
        form["Body"].ShouldMatch("^Код [0-9]{6} никому не говорите$");
    }

    [Theory]
    [InlineData(400, 21211, 400, "invalid phone")]
    [InlineData(400, 21614, 400, "invalid phone")]
    [InlineData(401, 20003, 502, "the code could not be sent")]
    [InlineData(400, 21606, 502, "the code could not be sent")]
    [InlineData(403, 21408, 502, "the code could not be sent")]
    [InlineData(302, 0, 502, "the code could not be sent")]
    [InlineData(429, 20429, 503, "the code could not be sent")]
    [InlineData(500, 20500, 503, "the code could not be sent")]
    [InlineData(503, 20503, 503, "the code could not be sent")]
    public async Task A_refusal_says_whose_fault_it_is_and_burns_nothing(int status, int code, int answer, string error)
    {
        await using SmsWorld world = await SmsWorld.WithTwilioAsync();
        using HttpClient http = world.Service.Http(TestUser.New());
        await SendAsync(http).JsonAsync(200);
        string good = world.LastCode;
        world.Answer = SmsWorld.Error(status, code);
        for (int i = 0; i < 6; i++)
        {
            await SendAsync(http).ProblemAsync(answer, error);
        }
        // The code before stays good, and four more may be sent.
        await CheckAsync(http, good).JsonAsync(200);
        world.Answer = SmsWorld.Created;
        for (int i = 0; i < 4; i++)
        {
            await SendAsync(http).JsonAsync(200);
        }
        await SendAsync(http).ProblemAsync(429, "too many codes");
        string log = string.Join('\n', world.Log);
        log.ShouldContain($"Twilio answered {status} with code {code}");
        log.ShouldNotContain("79001");
        log.ShouldNotContain("BookSaga: ");
        world.Calls.ShouldAllBe(call => !Regex.IsMatch(log, $@"(?<![\w-]){call.Form["Body"].Substring("BookSaga: ".Length)}(?![\w-])"));
    }

    [Theory]
    [InlineData(201, """{"status":"failed","error_code":30003}""", 502)]
    [InlineData(200, "<html>", 502)]
    [InlineData(502, "<html>bad gateway", 503)]
    public async Task An_answer_that_is_no_acceptance_is_none(int status, string body, int answer)
    {
        await using SmsWorld world = await SmsWorld.WithTwilioAsync();
        world.Answer = SmsWorld.Reply(status, body);
        using HttpClient http = world.Service.Http(TestUser.New());
        await SendAsync(http).ProblemAsync(answer, "the code could not be sent");
        await CheckAsync(http, world.LastCode).ProblemAsync(400, "verification code is incorrect");
    }

    [Fact]
    public async Task A_provider_that_stalls_or_is_not_there_is_503_with_retry_after()
    {
        await using SmsWorld world = await SmsWorld.WithTwilioAsync();
        using HttpClient http = world.Service.Http(TestUser.New());
        var gone = new TaskCompletionSource();
        world.Answer = context =>
        {
            context.RequestAborted.Register(() => gone.TrySetResult());
            return gone.Task;
        };
        await SendAsync(http).ProblemAsync(503, "the code could not be sent");
        await using SmsWorld none = await SmsWorld.WithTwilioAsync(new() { ["Sms:Twilio:Address"] = $"http://127.0.0.1:{FreePort.Next()}" });
        using HttpClient other = none.Service.Http(TestUser.New());
        using HttpResponseMessage answer = await SendAsync(other);
        ((int)answer.StatusCode, answer.Headers.RetryAfter!.Delta).ShouldBe((503, TimeSpan.FromSeconds(30)));
        (await answer.Content.ReadAsStringAsync()).ShouldContain("\"code\":\"sms_unavailable\"");
    }

    [Fact]
    public async Task A_file_has_the_whole_message_and_a_folder_that_cannot_be_written_is_503()
    {
        string folder = Path.Combine(Path.GetTempPath(), "sms-" + Guid.NewGuid().ToString("N"));
        await using SmsWorld world = await SmsWorld.OpenAsync(new() { ["Sms:Provider"] = "File", ["Sms:Directory"] = folder });
        using HttpClient http = world.Service.Http(TestUser.New());
        await SendAsync(http).JsonAsync(200);
        string file = Directory.GetFiles(folder).ShouldHaveSingleItem();
        string text = await File.ReadAllTextAsync(file);
        text.ShouldMatch(@"\ATo: \+7 \(900\) 123-45-67\n\nBookSaga: [0-9]{6}\n\z");
        (OperatingSystem.IsWindows() ? UnixFileMode.UserRead | UnixFileMode.UserWrite : File.GetUnixFileMode(file)).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await CheckAsync(http, text.TrimEnd().Substring(text.TrimEnd().Length - 6)).JsonAsync(200);
        Directory.Delete(folder, recursive: true);
        await File.WriteAllTextAsync(folder, "");
        await SendAsync(http).ProblemAsync(503, "the code could not be sent");
        File.Delete(folder);
    }

    [Fact]
    public async Task Without_a_provider_the_code_is_in_the_log()
    {
        await using SmsWorld world = await SmsWorld.OpenAsync([]);
        using HttpClient http = world.Service.Http(TestUser.New());
        await SendAsync(http).JsonAsync(200);
        string line = world.Log.Single(l => l.StartsWith("No SMS provider is configured.", StringComparison.Ordinal));
        await CheckAsync(http, line.Substring(line.Length - 6)).JsonAsync(200);
    }

    [Fact]
    public void Every_wrong_setting_is_named_at_once()
    {
        ValidateOptionsResult result = Check(new SmsOptions
        {
            Provider = SmsProvider.Twilio, Text = "code", Timeout = TimeSpan.Zero, Twilio = new() { Address = "twilio", AccountSid = "AC1", From = "+1", MessagingServiceSid = "MG" },
        });
        result.Failures!.Select(f => f.Split(' ')[0]).ShouldBe(
            ["Sms:Text", "Sms:Timeout", "Sms:Twilio:Address", "Sms:Twilio:AccountSid", "Sms:Twilio:AuthToken", "Sms:Twilio:From"]);
        Check(new SmsOptions { Provider = SmsProvider.File }).FailureMessage.ShouldStartWith("Sms:Directory");
        Check(new SmsOptions()).Succeeded.ShouldBeTrue();
    }

    private static ValidateOptionsResult Check(SmsOptions options) => new SmsOptionsCheck().Validate(null, options);

    private static Task<HttpResponseMessage> SendAsync(HttpClient http) => http.PostAsync("/api/v1/customer/phone/verify", new { phone = Phone });

    private static Task<HttpResponseMessage> CheckAsync(HttpClient http, string code) => http.PostAsync("/api/v1/customer/phone/verify/check", new { phone = Phone, code });
}
