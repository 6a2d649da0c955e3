using System.Collections.Concurrent;
using BookSaga.Customer.Bookings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BookSaga.Customer.Tests;

/// <summary>The customer service with Twilio's API on loopback, as far as it is published, and an ear at its log.</summary>
internal sealed class SmsWorld : IAsyncDisposable
{
    public const string Account = "AC0123456789abcdef0123456789abcdef";
    private readonly WebApplication _twilio;
    private readonly int _port = FreePort.Next();

    private SmsWorld()
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Address);
        _twilio = builder.Build();
        _twilio.Run(AnswerAsync);
    }

    public string Address => $"http://127.0.0.1:{_port}";

    public TestAuthority Authority { get; private set; } = null!;

    public TestDatabase Database { get; private set; } = null!;

    public TestService<BookingStore> Service { get; private set; } = null!;

    public ConcurrentQueue<(string Line, string Authorization, Dictionary<string, string> Form)> Calls { get; } = new();

    /// <summary>What Twilio answers: status and body.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = Created;

    public ConcurrentQueue<string> Log { get; } = new();

    public string LastCode => Calls.Last().Form["Body"].Split(' ').Last();

    public static async Task<SmsWorld> OpenAsync(Dictionary<string, string> settings)
    {
        var world = new SmsWorld { Authority = await TestAuthority.StartAsync(), Database = await TestDatabase.CreateAsync() };
        await world._twilio.StartAsync();
        var all = new Dictionary<string, string>(settings) { ["Logging:LogLevel:Default"] = "Trace" };
        all.TryAdd("Sms:Twilio:Address", world.Address);
        world.Service = await new TestService<BookingStore>(
            world.Authority, world.Database.Url, all, services => services.AddSingleton<ILoggerProvider>(new Ear(world.Log))).StartAsync();
        return world;
    }

    public static Task<SmsWorld> WithTwilioAsync(Dictionary<string, string>? settings = null) => OpenAsync(new(settings ?? [])
    {
        ["Sms:Provider"] = "Twilio",
        ["Sms:Timeout"] = "00:00:01",
        ["Sms:Twilio:AccountSid"] = Account,
        ["Sms:Twilio:AuthToken"] = "token",
        ["Sms:Twilio:From"] = "+15005550006",
    });

    public static Task Created(HttpContext context) => Reply(201, """{"sid":"SM0123456789abcdef0123456789abcdef","status":"queued","error_code":null,"error_message":null}""")(context);

    public static Func<HttpContext, Task> Error(int status, int code) =>
        Reply(status, $$"""{"code":{{code}},"message":"The 'To' number +79001 is not right.","more_info":"https://www.twilio.com/docs/errors/{{code}}","status":{{status}}}""");

    public static Func<HttpContext, Task> Reply(int status, string body) => context =>
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(body);
    };

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await _twilio.DisposeAsync();
        await Database.DisposeAsync();
        await Authority.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        IFormCollection form = await context.Request.ReadFormAsync();
        Calls.Enqueue(($"{context.Request.Method} {context.Request.Path}", context.Request.Headers.Authorization.ToString(), form.ToDictionary(f => f.Key, f => f.Value.ToString())));
        await Answer(context);
    }

    private sealed class Ear(ConcurrentQueue<string> log) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Enqueue(formatter(state, exception) + exception);

        public void Dispose()
        {
        }
    }
}
