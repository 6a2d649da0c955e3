using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace BookSaga.Customer.Tests;

public sealed class TokenTests(CustomerWorld world) : IClassFixture<CustomerWorld>
{
    private static readonly TestUser User = TestUser.New();

    [Theory]
    [InlineData("valid", 200)]
    [InlineData("none", 401)]
    [InlineData("nonsense", 401)]
    [InlineData("issuer", 401)]
    [InlineData("audience", 401)]
    [InlineData("id token", 401)]
    [InlineData("no type", 401)]
    [InlineData("expired", 401)]
    [InlineData("other key", 401)]
    [InlineData("algorithm none", 401)]
    [InlineData("symmetric", 401)]
    [InlineData("no subject", 401)]
    public async Task A_token_opens_the_service_only_when_everything_about_it_is_right(string kind, int status)
    {
        string? token = kind switch
        {
            "none" => null,
            "nonsense" => "a.b.c",
            "issuer" => world.Authority.UserToken(User, c => c["iss"] = "http://evil/realms/booksaga"),
            "audience" => world.Authority.UserToken(User, c => c["aud"] = "account"),
            "id token" => world.Authority.UserToken(User, c => c["typ"] = "ID"),
            "no type" => world.Authority.UserToken(User, c => c["typ"] = null),
            "expired" => world.Authority.UserToken(User, expires: DateTime.UtcNow.AddMinutes(-1)),
            "other key" => world.Authority.UserToken(User, key: new RsaSecurityKey(RSA.Create(2048)) { KeyId = "test" }),
            "algorithm none" => world.Authority.UserToken(User, algorithm: SecurityAlgorithms.None),
            "symmetric" => world.Authority.UserToken(User, key: new SymmetricSecurityKey(new byte[64]) { KeyId = "test" }, algorithm: SecurityAlgorithms.HmacSha256),
            "no subject" => world.Authority.UserToken(User, c => c["sub"] = null),
            _ => world.Authority.UserToken(User),
        };
        using HttpClient http = world.Service.Http(null);
        if (token is not null)
        {
            http.DefaultRequestHeaders.Add("Authorization", "Bearer " + token);
        }
        http.DefaultRequestHeaders.Add("X-User-Id", User.Id.ToString());

        using HttpResponseMessage answer = await http.GetAsync("/api/v1/customer/profile");

        ((int)answer.StatusCode).ShouldBe(status);
        if (status == 401)
        {
            using JsonDocument problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            problem.RootElement.GetProperty("error").GetString().ShouldBe("invalid claims");
            problem.RootElement.GetProperty("code").GetString().ShouldBe("invalid_claims");
        }
    }

    [Fact]
    public async Task The_document_describes_every_route_its_paging_and_its_idempotency_keys()
    {
        using HttpClient http = world.Service.Http(null);

        JsonElement paths = (await ApiDocument.CheckAsync(http)).GetProperty("paths");

        Parameters(paths.GetProperty("/api/v1/customer/bookings").GetProperty("get")).ShouldBe(["status", "when", "page", "limit"]);
        Parameters(paths.GetProperty("/api/v1/customer/offer/{id}/book").GetProperty("post")).ShouldBe(["id", "Idempotency-Key"]);

        static IEnumerable<string?> Parameters(JsonElement operation) => operation.GetProperty("parameters").EnumerateArray().Select(p => p.GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("-9223372036854775808")]
    public async Task An_id_that_no_offer_can_have_is_not_found_and_starts_nothing(string id)
    {
        var user = TestUser.New();
        using HttpClient http = world.Service.Http(user);

        await http.PostAsync($"/api/v1/customer/offer/{id}/book", null).ProblemAsync(404, "offer not found");

        (await http.GetAsync("/api/v1/customer/bookings").JsonAsync(200)).GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task An_address_that_no_route_has_is_404_with_and_without_a_token()
    {
        using HttpClient nobody = world.Service.Http(null);
        using HttpClient somebody = world.Service.Http(User);

        await nobody.GetAsync("/api/v1/customer/bookings/abc").ProblemAsync(404, "not found");
        await somebody.GetAsync("/api/v1/customer/bookings/abc").ProblemAsync(404, "not found");
        await nobody.GetAsync("/api/v1/customer/bookings").ProblemAsync(401, "invalid claims");
    }

    [Fact]
    public async Task A_booking_whose_neighbours_are_away_is_202_with_its_address_and_stays_pending()
    {
        using HttpClient http = world.Service.Http(TestUser.New());

        using HttpResponseMessage answer = await http.PostAsync("/api/v1/customer/offer/1/book", null);

        ((int)answer.StatusCode).ShouldBe(202);
        JsonElement booking = await http.GetAsync(answer.Headers.Location).JsonAsync(200);
        booking.GetProperty("status").GetString().ShouldBe("pending");
        booking.GetProperty("timeline")[0].GetProperty("step").GetString().ShouldBe("requested");
    }
}
