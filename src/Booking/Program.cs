using BookSaga.Booking;
using BookSaga.Booking.Audit;
using BookSaga.Booking.Companies;
using BookSaga.Booking.Offers;
using BookSaga.Booking.People;
using BookSaga.Booking.Reservations;
using BookSaga.Booking.Services;
using BookSaga.Hosting;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Events;

WebApplicationBuilder builder = ServiceHost.CreateBuilder(args, "booking");
builder.AddDatabase(typeof(Program).Assembly);
builder.Services.AddOptions<BookingOptions>().BindConfiguration("Offers").ValidateDataAnnotations().ValidateOnStart();
builder.AddEventHandler<CompanyChangedHandler>();
builder.AddClaimEvents();
builder.AddOutbox(new OutboxDestination("payment"), new OutboxDestination("customer"));
builder.Services.AddSingleton<CatalogueQueries>();
builder.Services.AddHostedService<CompleteOffers>();
builder.Services.AddSingleton<ReservationSteps>();

WebApplication app = builder.Build();
app.UseServiceDefaults();
app.MapGrpcService<ReservationsEndpoint>().RequireAuthorization(TokenCheck.InternalPolicy);
app.MapGrpcService<OffersEndpoint>().RequireAuthorization(TokenCheck.InternalPolicy);
app.MapGrpcService<PeopleEndpoint>().RequireAuthorization(TokenCheck.InternalPolicy);
app.MapGrpcService<BookingAuditEndpoint>().RequireAuthorization(TokenCheck.InternalPolicy);
app.MapEventSink();
app.MapOutboxQueues();

RouteGroupBuilder api = app.MapGroup("/api/v1");
ListServices.Map(api);
SearchOffers.Map(api);
ListOfferDates.Map(api);
GetOffer.Map(api);
ListMyOffers.Map(api);
await app.ServeAsync(args);
