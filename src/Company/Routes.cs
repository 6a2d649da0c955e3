using BookSaga.Company.Companies;
using BookSaga.Company.MailLog;
using BookSaga.Company.Managers;
using BookSaga.Company.Offers;
using BookSaga.Company.Offers.Weekly;
using BookSaga.Company.Payments;
using BookSaga.Company.Webhooks;
using BookSaga.Hosting.Accounts;

namespace BookSaga.Company;

/// <summary>All public routes of this service, in URL order.</summary>
internal static class Routes
{
    internal static void MapCompany(this WebApplication app)
    {
        RouteGroupBuilder api = app.MapGroup("/api/v1");
        ListCompanies.Map(api);
        GetCompany.MapPublic(api);
        api.MapAccounts("company");

        RouteGroupBuilder company = api.MapGroup("/company").AddEndpointFilter<AcceptInvitations>().WithTags("Company");
        CreateCompany.Map(company);
        ListMyCompanies.Map(company);
        GetCompany.Map(company);
        UpdateCompany.Map(company);
        SetActive.Map(company);
        SetLocation.Map(company);
        SetLogo.Map(company);
        ListManagers.Map(company);
        InviteManager.Map(company);
        ChangeRole.Map(company);
        RemoveManager.Map(company);
        AddOffer.Map(company);
        ListOffers.Map(company);
        CancelOffer.Map(company);
        PostWeekly.Map(company);
        GetWeekly.Map(company);
        GetBalance.Map(company);
        ListTransactions.Map(company);
        GetStatement.Map(company);
        ListMails.Map(company);
        ResendMail.Map(company);
        ListWebhooks.Map(company);
        CreateWebhook.Map(company);
        UpdateWebhook.Map(company);
        DeleteWebhook.Map(company);
        RotateSecret.Map(company);
        TestWebhook.Map(company);
        ReplayEvents.Map(company);
        ListDeliveries.Map(company);
    }
}
