using BookSaga.Gateway;
using BookSaga.Gateway.Pages;
using BookSaga.Hosting;

if (args is ["krakend", ..])
{
    await KrakenDFile.WriteAsync(args.ElementAtOrDefault(1) ?? KrakenDFile.CheckedIn(Environment.CurrentDirectory), Environment.GetEnvironmentVariable("Auth__Issuer"));
    return;
}

WebApplicationBuilder builder = ServiceHost.CreateBuilder(args, "gateway");
builder.AddGatewayOptions();
builder.AddAdmission();
builder.AddProxy();
builder.Services.AddSingleton<ApiDocument>();
builder.Services.AddSingleton<ServiceHealth>();

WebApplication app = builder.Build();
app.UseAdmission();
app.Use(WrongMethod.AnswerAsync);
app.UseServiceDefaults();
app.UseRequestTimeouts();
app.MapStatusPage();
app.MapApiDocument();
app.MapApiReference();
app.MapProxy();
await app.RunAsync();
