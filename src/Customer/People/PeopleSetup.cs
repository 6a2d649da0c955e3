using BookSaga.Hosting.Auth;
using BookSaga.Hosting.People;

namespace BookSaga.Customer.People;

/// <summary>Registers and maps what a person can ask about themselves: a copy of all, and to be forgotten.</summary>
internal static class PeopleSetup
{
    internal static void AddPeople(this WebApplicationBuilder builder)
    {
        builder.AddErasedPeople();
        builder.AddServiceClients<Contracts.People.People.PeopleClient>(PeopleClients.Services);
        builder.Services.AddOptions<DeletionOptions>().BindConfiguration("Deletion").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<PeopleClients>();
        builder.Services.AddSingleton<DeletionStore>();
        builder.Services.AddSingleton<DeletionRun>();
        builder.Services.AddHostedService<DeletionSweeper>();
    }

    internal static void MapPeople(this IEndpointRouteBuilder api)
    {
        ExportMyData.Map(api);
        DeleteMyAccount.Map(api);
    }
}
