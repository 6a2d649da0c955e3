using BookSaga.Company;
using BookSaga.Company.Companies;
using BookSaga.Contracts.Customer;
using BookSaga.Hosting;
using BookSaga.Hosting.Accounts;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Events;
using BookSaga.Hosting.Idempotency;

WebApplicationBuilder builder = ServiceHost.CreateBuilder(args, "company");
builder.AddDatabase(typeof(Program).Assembly);
builder.AddIdempotencyKeys();
builder.AddOutbox(new OutboxDestination(CompanyChanges.Destination));
builder.AddAccounts();
builder.AddServiceClient<BookSaga.Contracts.Booking.Offers.OffersClient>("booking");
builder.AddServiceClient<BookSaga.Contracts.Payment.Payments.PaymentsClient>("payment");
builder.AddServiceClient<Bookings.BookingsClient>("customer");
builder.AddServiceClient<BookSaga.Contracts.Queues.Mails.MailsClient>("notification");
builder.AddServiceClient<BookSaga.Contracts.Webhooks.Webhooks.WebhooksClient>("notification");
builder.Services.AddTransient<Neighbours>();
builder.Services.AddSingleton<CompanyChanges>();

WebApplication app = builder.Build();
app.UseServiceDefaults();
app.UseIdempotencyKeys();
app.MapOutboxQueues();
app.MapCompany();
app.Run();
