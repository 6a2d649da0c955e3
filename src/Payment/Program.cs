using BookSaga.Hosting;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Events;
using BookSaga.Hosting.Idempotency;
using BookSaga.Hosting.People;
using BookSaga.Payment.Accounts;
using BookSaga.Payment.Audit;
using BookSaga.Payment.Ledger;
using BookSaga.Payment.People;
using BookSaga.Payment.Steps;

if (args is ["verify", ..])
{
    return await VerifyCommand.RunAsync(args, Console.Out, CancellationToken.None);
}

WebApplicationBuilder builder = ServiceHost.CreateBuilder(args, "payment");
builder.AddDatabase(typeof(Program).Assembly);
builder.AddIdempotencyKeys();
builder.AddErasedPeople();
builder.Services.AddSingleton<PaymentSteps>();
builder.AddPaymentEvents();
builder.AddLedger();

WebApplication app = builder.Build();
app.UseServiceDefaults();
app.UseErasedPeople();
app.UseIdempotencyKeys();
app.MapGrpcService<PaymentsEndpoint>().RequireAuthorization(TokenCheck.InternalPolicy);
app.MapGrpcService<PeopleEndpoint>().RequireAuthorization(TokenCheck.InternalPolicy);
app.MapGrpcService<PaymentAuditEndpoint>().RequireAuthorization(TokenCheck.InternalPolicy);
app.MapEventSink();
app.MapOutboxQueues();

RouteGroupBuilder api = app.MapGroup("/api/v1");
api.MapLedger();
api.MapMyAccount();
await app.ServeAsync(args);
return 0;
