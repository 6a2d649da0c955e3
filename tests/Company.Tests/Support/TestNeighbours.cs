using System.Collections.Concurrent;
using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using BookSaga.Contracts.Customer;
using BookSaga.Contracts.Events;
using BookSaga.Contracts.Payment;
using BookSaga.Contracts.Queues;
using BookSaga.Contracts.Webhooks;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BookSaga.Company.Tests.Support;

/// <summary>Booking, payment, customer and notification on a real gRPC port. They answer what a test planned, record every call, and fail one that nobody planned.</summary>
public sealed class TestNeighbours : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<Type, Func<object, object>> _plans = new();

    private TestNeighbours()
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(Port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(this);
        _app = builder.Build();
        _app.MapGrpcService<OffersService>();
        _app.MapGrpcService<PaymentsService>();
        _app.MapGrpcService<BookingsService>();
        _app.MapGrpcService<MailsService>();
        _app.MapGrpcService<WebhooksService>();
        _app.MapGrpcService<SinkService>();
    }

    public int Port { get; } = FreePort.Next();

    public string Address => $"http://127.0.0.1:{Port}";

    /// <summary>Every request that came, in order; events apart.</summary>
    public ConcurrentQueue<object> Calls { get; } = new();

    /// <summary>Calls that no test planned. A fixture that ends with one is broken.</summary>
    public ConcurrentQueue<string> Unplanned { get; } = new();

    /// <summary>Events that booking has stored.</summary>
    public ConcurrentQueue<CompanyChanged> Events { get; } = new();

    /// <summary>Whether booking is out of reach for events.</summary>
    public bool SinkDown { get; set; }

    /// <summary>How long booking takes to store an event.</summary>
    public TimeSpan SinkPause { get; set; }

    public static async Task<TestNeighbours> StartAsync()
    {
        var neighbours = new TestNeighbours();
        await neighbours._app.StartAsync();
        return neighbours;
    }

    /// <summary>From now on a <typeparamref name="TRequest"/> is answered by <paramref name="answer"/>; earlier plans and recorded calls are forgotten.</summary>
    public void Plan<TRequest>(Func<TRequest, object> answer)
    {
        Calls.Clear();
        _plans[typeof(TRequest)] = request => answer((TRequest)request);
    }

    public void PlanNothing()
    {
        Calls.Clear();
        _plans.Clear();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task<TReply> AnswerAsync<TReply>(object request, ServerCallContext context)
    {
        if (context.RequestHeaders.GetValue("authorization")?.StartsWith("Bearer ey", StringComparison.Ordinal) != true)
        {
            throw new RpcException(new Status(StatusCode.PermissionDenied, "no service token"));
        }
        Calls.Enqueue(request);
        if (!_plans.TryGetValue(request.GetType(), out Func<object, object>? plan))
        {
            Unplanned.Enqueue($"{request.GetType().Name} {request}");
            throw new RpcException(new Status(StatusCode.Unimplemented, "nobody planned this call"));
        }
        return Task.FromResult((TReply)plan(request));
    }

    private sealed class OffersService(TestNeighbours neighbours) : Contracts.Booking.Offers.OffersBase
    {
        public override Task<AddOfferReply> Add(AddOffer request, ServerCallContext context) => neighbours.AnswerAsync<AddOfferReply>(request, context);

        public override Task<AddOffersReply> AddMany(AddOffers request, ServerCallContext context) => neighbours.AnswerAsync<AddOffersReply>(request, context);

        public override Task<OffersJson> ListByCompany(ListOffers request, ServerCallContext context) => neighbours.AnswerAsync<OffersJson>(request, context);

        public override Task<WithdrawOutcome> Withdraw(WithdrawOffer request, ServerCallContext context) => neighbours.AnswerAsync<WithdrawOutcome>(request, context);
    }

    private sealed class PaymentsService(TestNeighbours neighbours) : Contracts.Payment.Payments.PaymentsBase
    {
        public override Task<CompanyBalanceReply> CompanyBalance(Contracts.Payment.CompanyKey request, ServerCallContext context) =>
            neighbours.AnswerAsync<CompanyBalanceReply>(request, context);

        public override Task<TransactionsJson> CompanyTransactions(Contracts.Payment.CompanyKey request, ServerCallContext context) =>
            neighbours.AnswerAsync<TransactionsJson>(request, context);

        public override async Task StatementOfCompany(StatementKey request, IServerStreamWriter<StatementText> responseStream, ServerCallContext context)
        {
            foreach (string text in await neighbours.AnswerAsync<string[]>(request, context))
            {
                await responseStream.WriteAsync(new StatementText { Text = text });
            }
        }
    }

    private sealed class BookingsService(TestNeighbours neighbours) : Bookings.BookingsBase
    {
        public override Task<CancelByCompanyReply> CancelByCompany(CancelByCompanyRequest request, ServerCallContext context) =>
            neighbours.AnswerAsync<CancelByCompanyReply>(request, context);
    }

    private sealed class MailsService(TestNeighbours neighbours) : Mails.MailsBase
    {
        public override Task<MailsJson> List(ListMails request, ServerCallContext context) => neighbours.AnswerAsync<MailsJson>(request, context);

        public override Task<ResendOutcome> Resend(ResendMail request, ServerCallContext context) => neighbours.AnswerAsync<ResendOutcome>(request, context);
    }

    private sealed class WebhooksService(TestNeighbours neighbours) : Contracts.Webhooks.Webhooks.WebhooksBase
    {
        public override Task<WebhookAnswer> List(Contracts.Webhooks.CompanyKey request, ServerCallContext context) => neighbours.AnswerAsync<WebhookAnswer>(request, context);

        public override Task<WebhookAnswer> Create(WebhookFields request, ServerCallContext context) => neighbours.AnswerAsync<WebhookAnswer>(request, context);

        public override Task<WebhookAnswer> Update(WebhookFields request, ServerCallContext context) => neighbours.AnswerAsync<WebhookAnswer>(request, context);

        public override Task<WebhookAnswer> Delete(WebhookKey request, ServerCallContext context) => neighbours.AnswerAsync<WebhookAnswer>(request, context);

        public override Task<WebhookAnswer> RotateSecret(WebhookKey request, ServerCallContext context) => neighbours.AnswerAsync<WebhookAnswer>(request, context);

        public override Task<WebhookAnswer> Test(WebhookKey request, ServerCallContext context) => neighbours.AnswerAsync<WebhookAnswer>(request, context);

        public override Task<WebhookAnswer> Replay(ReplayWebhook request, ServerCallContext context) => neighbours.AnswerAsync<WebhookAnswer>(request, context);

        public override Task<WebhookAnswer> Deliveries(ListDeliveries request, ServerCallContext context) => neighbours.AnswerAsync<WebhookAnswer>(request, context);
    }

    private sealed class SinkService(TestNeighbours neighbours) : EventSink.EventSinkBase
    {
        public override async Task<Acknowledgements> Deliver(EventBatch request, ServerCallContext context)
        {
            await Task.Delay(neighbours.SinkPause, context.CancellationToken);
            if (neighbours.SinkDown)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "down"));
            }
            var answer = new Acknowledgements();
            foreach (Event received in request.Events)
            {
                received.Type.ShouldBe("company.company-changed.v1");
                neighbours.Events.Enqueue(Json.Read<CompanyChanged>(received.PayloadJson));
                answer.Errors.Add("");
            }
            return answer;
        }
    }
}
