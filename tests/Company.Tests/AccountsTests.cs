using BookSaga.Company.Tests.Support;

namespace BookSaga.Company.Tests;

/// <summary>The account routes are tested where they are written; here, that they are served without a token.</summary>
public sealed class AccountsTests(CompanyFixture company) : IClassFixture<CompanyFixture>
{
    [Theory]
    [InlineData("/company/register", 400, "email is required")]
    [InlineData("/company/login", 401, "invalid claims")]
    [InlineData("/company/token", 401, "invalid claims")]
    [InlineData("/company/logout", 400, "invalid refresh token")]
    public Task Account_routes_are_open(string path, int status, string error) => company.PostAsync(null, path, "{}").ProblemAsync(status, error);
}
