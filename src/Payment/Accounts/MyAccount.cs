using BookSaga.Payment.Ledger;

namespace BookSaga.Payment.Accounts;

/// <summary>The routes of the caller's own account.</summary>
internal static class MyAccount
{
    internal static void MapMyAccount(this IEndpointRouteBuilder api)
    {
        RouteGroupBuilder mine = api.MapGroup("/customer/payment");
        CreateAccount.Map(mine);
        TopUp.Map(mine);
        GetBalance.Map(mine);
        ListTransactions.Map(mine);
        GetStatement.Map(mine);
        GetReceipt.Map(mine);
    }
}
