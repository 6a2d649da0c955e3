using BookSaga.Customer.Audit;
using BookSaga.Customer.Bookings;
using BookSaga.Customer.Operators;
using BookSaga.Customer.Profiles;
using BookSaga.Hosting;
using BookSaga.Hosting.Accounts;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Events;
using BookSaga.Hosting.Idempotency;

WebApplicationBuilder builder = ServiceHost.CreateBuilder(args, "customer");
builder.AddDatabase(typeof(Program).Assembly);
builder.AddIdempotencyKeys();
builder.AddAccounts();
builder.AddSagas();
builder.AddAudit();
builder.AddOperators();
builder.AddSms();

WebApplication app = builder.Build();
app.UseServiceDefaults();
app.UseIdempotencyKeys();
app.MapGrpcService<BookingsEndpoint>().RequireAuthorization(TokenCheck.InternalPolicy);
app.MapEventSink();
app.MapOutboxQueues();

RouteGroupBuilder api = app.MapGroup("/api/v1");
api.MapAccounts("customer");
Profile.Map(api);
VerifyPhone.Map(api);
BookOfferEndpoint.Map(api);
ListBookings.Map(api);
GetBooking.Map(api);
StreamBooking.Map(api);
CancelMyBooking.Map(api);
api.MapOperators();
app.Run();
