namespace BookSaga.Customer.Profiles;

/// <summary>The routes of the caller's profile.</summary>
internal static class ProfileRoutes
{
    internal static void MapProfiles(this IEndpointRouteBuilder api)
    {
        Profile.Map(api);
        VerifyPhone.Map(api);
    }
}
