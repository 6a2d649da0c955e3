using BookSaga.Hosting;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Events;
using BookSaga.Notification;
using BookSaga.Notification.Intake;
using BookSaga.Notification.People;
using BookSaga.Notification.Reminders;
using BookSaga.Notification.Sending;
using BookSaga.Notification.Webhooks;

WebApplicationBuilder builder = ServiceHost.CreateBuilder(args, "notification");
builder.AddDatabase(typeof(Program).Assembly);
builder.AddMailOptions();
builder.AddMailIntake();
builder.AddMailSending();
builder.AddReminders();
builder.AddWebhooks();

WebApplication app = builder.Build();
app.UseServiceDefaults();
app.MapEventSink();
app.MapGrpcService<NotificationQueues>().RequireAuthorization(TokenCheck.InternalPolicy);
app.MapGrpcService<MailsEndpoint>().RequireAuthorization(TokenCheck.InternalPolicy);
app.MapGrpcService<PeopleEndpoint>().RequireAuthorization(TokenCheck.InternalPolicy);
app.MapWebhooks();
await app.ServeAsync(args);
