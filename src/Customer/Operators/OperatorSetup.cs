using BookSaga.Contracts.Queues;
using BookSaga.Hosting.Auth;

namespace BookSaga.Customer.Operators;

/// <summary>Registers and maps what operators can see and do; realm role <c>operator</c>.</summary>
internal static class OperatorSetup
{
    internal static void AddOperators(this WebApplicationBuilder builder)
    {
        builder.AddServiceClients<Queues.QueuesClient>(QueueClients.Services);
        builder.AddServiceClient<Mails.MailsClient>("notification");
        builder.Services.AddSingleton<QueueClients>();
        builder.Services.AddSingleton<SagaActions>();
    }

    internal static void MapOperators(this IEndpointRouteBuilder api)
    {
        RouteGroupBuilder operators = api.MapGroup("/operator").RequireAuthorization(TokenCheck.OperatorPolicy).WithTags("Operator");
        Audit.ListFindings.Map(operators);
        ListSagas.Map(operators);
        GetSaga.Map(operators);
        ActOnSaga.Map(operators);
        ActOnMany.Map(operators);
        ListQueues.Map(operators);
        ListMails.Map(operators);
        Journal.Map(operators);
    }
}
