using BookSaga.Hosting;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Events;
using BookSaga.Notification;
using BookSaga.Notification.Intake;
using BookSaga.Notification.Reminders;
using BookSaga.Notification.Sending;

WebApplicationBuilder builder = ServiceHost.CreateBuilder(args, "notification");
builder.AddDatabase(typeof(Program).Assembly);
builder.AddMailOptions();
builder.AddMailIntake();
builder.AddMailSending();
builder.AddReminders();

WebApplication app = builder.Build();
app.UseServiceDefaults();
app.MapEventSink();
app.MapGrpcService<MailQueues>().RequireAuthorization(TokenCheck.InternalPolicy);
app.MapGrpcService<MailsEndpoint>().RequireAuthorization(TokenCheck.InternalPolicy);
await app.RunAsync();
