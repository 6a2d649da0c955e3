using System.Text.Json;
using BookSaga.Company.Tests.Support;

namespace BookSaga.Company.Tests;

public sealed class ManagersTests(CompanyFixture company) : IClassFixture<CompanyFixture>
{
    private readonly TestUser _admin = TestUser.New();

    [Fact]
    public async Task An_invitation_takes_effect_with_the_first_call_of_its_address()
    {
        long id = await company.FoundAsync(_admin);
        var invited = TestUser.New("Ирина", "Д'Арк");
        JsonElement pending = await company.PostAsync(_admin, $"/company/{id}/managers", new { email = " " + invited.Email.ToUpperInvariant(), role = "manager" }).JsonAsync(201);
        pending.GetRawText().ShouldBe($$"""{"id":{{pending.GetProperty("id")}},"user_id":null,"email":"{{invited.Email}}","first_name":"","last_name":"","role":"manager","active":false}""");
        // Told without the one who has not come yet.
        (await EventsOf(id)).Last().ManagerEmails.ShouldBe([_admin.Email]);

        company.Neighbours.Plan<Contracts.Booking.ListOffers>(_ => new Contracts.Booking.OffersJson { Json = "[]" });
        await company.GetAsync(invited, $"/company/{id}/offers").JsonAsync(200);

        JsonElement managers = await company.GetAsync(_admin, $"/company/{id}/managers").JsonAsync(200);
        managers.GetArrayLength().ShouldBe(2);
        managers[1].GetProperty("user_id").GetGuid().ShouldBe(invited.Id);
        managers[1].GetProperty("first_name").GetString().ShouldBe("Ирина");
        managers[1].GetProperty("last_name").GetString().ShouldBe("Д'Арк");
        managers[1].GetProperty("active").GetBoolean().ShouldBeTrue();
        (await EventsOf(id)).Last().ManagerEmails.ShouldBe([_admin.Email, invited.Email]);
        (await company.GetAsync(invited, "/company/my").JsonAsync(200))[0].GetProperty("role").GetString().ShouldBe("manager");
    }

    [Fact]
    public async Task An_invitation_of_a_registered_address_takes_effect_at_once()
    {
        long id = await company.FoundAsync(_admin);
        var registered = TestUser.New("李", "O'Neil");
        company.Authority.Registered.Enqueue(registered);
        JsonElement manager = await company.PostAsync(_admin, $"/company/{id}/managers", new { email = registered.Email.ToUpperInvariant(), role = "admin" }).JsonAsync(201);
        manager.GetProperty("user_id").GetGuid().ShouldBe(registered.Id);
        manager.GetProperty("first_name").GetString().ShouldBe("李");
        manager.GetProperty("last_name").GetString().ShouldBe("O'Neil");
        manager.GetProperty("active").GetBoolean().ShouldBeTrue();
        (await EventsOf(id)).Last().ManagerEmails.ShouldBe([_admin.Email, registered.Email]);
        await company.GetAsync(registered, $"/company/{id}/managers").JsonAsync(200);
    }

    [Fact]
    public async Task A_member_is_not_invited_again_under_a_new_address()
    {
        long id = await company.FoundAsync(_admin);
        company.Authority.Registered.Enqueue(_admin with { Email = $"new-{_admin.Email}" });
        await company.PostAsync(_admin, $"/company/{id}/managers", new { email = $"new-{_admin.Email}" }).ProblemAsync(409, "already a manager or invited");
    }

    [Fact]
    public async Task One_address_is_taken_up_in_every_company_at_once_and_only_once()
    {
        long first = await company.FoundAsync(_admin);
        long second = await company.FoundAsync(_admin);
        var invited = TestUser.New();
        await company.PostAsync(_admin, $"/company/{first}/managers", new { email = invited.Email, role = "admin" }).JsonAsync(201);
        await company.PostAsync(_admin, $"/company/{second}/managers", new { email = invited.Email }).JsonAsync(201);
        JsonElement[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => company.GetAsync(invited, "/company/my").JsonAsync(200)));
        answers.ShouldAllBe(a => a.GetArrayLength() == 2);
        (await company.VersionAsync(first)).ShouldBe(3);
        (await company.VersionAsync(second)).ShouldBe(3);
    }

    [Fact]
    public async Task Somebody_else_with_another_address_gets_nothing()
    {
        long id = await company.FoundAsync(_admin);
        await company.PostAsync(_admin, $"/company/{id}/managers", new { email = "expected@example.com", role = "admin" }).JsonAsync(201);
        await company.GetAsync(TestUser.New(), $"/company/{id}/managers").ProblemAsync(403, "forbidden");
    }

    [Fact]
    public async Task Who_is_a_member_already_keeps_the_role_when_invited_under_a_new_address()
    {
        long id = await company.FoundAsync(_admin);
        await company.PostAsync(_admin, $"/company/{id}/managers", new { email = "second-address@example.com", role = "manager" }).JsonAsync(201);
        await company.GetAsync(_admin with { Email = "second-address@example.com" }, $"/company/{id}/managers").JsonAsync(200);
        (await company.ScalarAsync<long>("SELECT count(*) FROM manager WHERE company_id = $1 AND user_id IS NULL", id)).ShouldBe(1);
    }

    [Theory]
    [InlineData(null, "email is required")]
    [InlineData("""{"role":"admin"}""", "email is required")]
    [InlineData("""{"email":" "}""", "email is required")]
    [InlineData("""{"email":"a"}""", "email is not a mail address")]
    [InlineData("""{"email":"A <a@b.example>"}""", "email is not a mail address")]
    [InlineData("""{"email":"a@b.example,c@d.example"}""", "email is not a mail address")]
    [InlineData("""{"email":"a\u0000@b.example"}""", "email is not a mail address")]
    [InlineData("""{"email":"a@b.example","role":"owner"}""", "role must be admin or manager")]
    [InlineData("""{"email":"a@b.example","role":""}""", "role must be admin or manager")]
    [InlineData("""{"email":["a@b.example"]}""", "invalid request")]
    public async Task A_bad_invitation_is_refused(string? body, string error)
    {
        long id = await company.FoundAsync(_admin);
        await company.PostAsync(_admin, $"/company/{id}/managers", body).ProblemAsync(400, error);
        (await company.VersionAsync(id)).ShouldBe(1);
    }

    [Fact]
    public async Task A_second_invitation_of_one_address_is_a_conflict()
    {
        long id = await company.FoundAsync(_admin);
        await company.PostAsync(_admin, $"/company/{id}/managers", new { email = "o'neil@пример.рф" }).JsonAsync(201);
        (await company.PostAsync(_admin, $"/company/{id}/managers", new { email = "O'Neil@пример.рф", role = "admin" }).JsonAsync(409)).GetProperty("code").GetString().ShouldBe("already_invited");
        (await company.PostAsync(_admin, $"/company/{id}/managers", new { email = _admin.Email }).JsonAsync(409)).GetProperty("error").GetString().ShouldBe("already a manager or invited");
        (await company.VersionAsync(id)).ShouldBe(2);
    }

    [Fact]
    public async Task A_role_is_changed_and_a_manager_removed_by_an_admin()
    {
        long id = await company.FoundAsync(_admin);
        TestUser clerk = await company.JoinAsync(id, _admin, "manager");
        string path = $"/company/{id}/managers/{await company.ManagerIdAsync(id, clerk)}";
        (await company.SendAsync(_admin, "PUT", path, new { role = "admin" }).JsonAsync(200)).GetProperty("role").GetString().ShouldBe("admin");
        (await company.GetAsync(clerk, $"/company/{id}/managers").JsonAsync(200)).GetArrayLength().ShouldBe(2);
        await company.SendAsync(_admin, "PUT", path, new { role = "boss" }).ProblemAsync(400, "role must be admin or manager");
        await company.SendAsync(_admin, "PUT", path).ProblemAsync(400, "role must be admin or manager");
        await company.SendAsync(_admin, "DELETE", path).JsonAsync(204);
        await company.SendAsync(_admin, "DELETE", path).ProblemAsync(404, "manager not found");
        await company.SendAsync(_admin, "PUT", path, new { role = "admin" }).ProblemAsync(404, "manager not found");
        (await EventsOf(id)).Last().ManagerEmails.ShouldBe([_admin.Email]);
    }

    [Fact]
    public async Task A_manager_of_another_company_is_not_found_here()
    {
        long id = await company.FoundAsync(_admin);
        var other = TestUser.New();
        long elsewhere = await company.FoundAsync(other);
        long foreign = await company.ManagerIdAsync(elsewhere, other);
        await company.SendAsync(_admin, "DELETE", $"/company/{id}/managers/{foreign}").ProblemAsync(404, "manager not found");
        await company.SendAsync(_admin, "PUT", $"/company/{id}/managers/{foreign}", new { role = "manager" }).ProblemAsync(404, "manager not found");
        (await company.ManagerIdAsync(elsewhere, other)).ShouldBe(foreign);
    }

    [Fact]
    public async Task The_last_admin_stays_even_beside_managers_and_an_invited_admin()
    {
        long id = await company.FoundAsync(_admin);
        await company.JoinAsync(id, _admin, "manager");
        await company.PostAsync(_admin, $"/company/{id}/managers", new { email = "later@example.com", role = "admin" }).JsonAsync(201);
        string path = $"/company/{id}/managers/{await company.ManagerIdAsync(id, _admin)}";
        long version = await company.VersionAsync(id);
        (await company.SendAsync(_admin, "DELETE", path).JsonAsync(409)).GetProperty("code").GetString().ShouldBe("last_admin");
        (await company.SendAsync(_admin, "PUT", path, new { role = "manager" }).JsonAsync(409)).GetProperty("code").GetString().ShouldBe("last_admin");
        await company.SendAsync(_admin, "PUT", path, new { role = "admin" }).JsonAsync(200);
        (await company.VersionAsync(id)).ShouldBe(version + 1);
    }

    [Fact]
    public async Task Who_is_leaving_the_platform_is_no_other_admin_and_is_not_made_manager()
    {
        long id = await company.FoundAsync(_admin);
        TestUser second = await company.JoinAsync(id, _admin, "admin");
        var third = TestUser.New();
        company.Authority.Registered.Enqueue(third);
        await company.ExecuteAsync("INSERT INTO erased_person (user_id) VALUES ($1), ($2)", second.Id, third.Id);
        string path = $"/company/{id}/managers/{await company.ManagerIdAsync(id, _admin)}";

        (await company.SendAsync(_admin, "DELETE", path).JsonAsync(409)).GetProperty("code").GetString().ShouldBe("last_admin");
        (await company.SendAsync(_admin, "PUT", path, new { role = "manager" }).JsonAsync(409)).GetProperty("code").GetString().ShouldBe("last_admin");
        JsonElement invited = await company.PostAsync(_admin, $"/company/{id}/managers", new { email = third.Email, role = "admin" }).JsonAsync(201);

        invited.GetProperty("user_id").ValueKind.ShouldBe(JsonValueKind.Null);
        invited.GetProperty("first_name").GetString().ShouldBe("");
        await company.ExecuteAsync("DELETE FROM erased_person WHERE user_id = $1", second.Id);
        using HttpResponseMessage gone = await company.SendAsync(_admin, "DELETE", path);
        gone.IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task Two_admins_who_remove_each_other_at_once_leave_one()
    {
        for (int round = 0; round < 10; round++)
        {
            long id = await company.FoundAsync(_admin);
            TestUser second = await company.JoinAsync(id, _admin, "admin");
            string first = $"/company/{id}/managers/{await company.ManagerIdAsync(id, _admin)}";
            string other = $"/company/{id}/managers/{await company.ManagerIdAsync(id, second)}";
            HttpResponseMessage[] answers = await Task.WhenAll(
                company.SendAsync(_admin, "DELETE", other),
                company.SendAsync(second, round % 2 == 0 ? "DELETE" : "PUT", first, round % 2 == 0 ? null : new { role = "manager" }));
            answers.Count(a => a.IsSuccessStatusCode).ShouldBe(1);
            (await company.ScalarAsync<long>("SELECT count(*) FROM manager WHERE company_id = $1 AND role = 'admin'", id)).ShouldBe(1);
        }
    }

    [Fact]
    public async Task Two_admins_who_both_leave_at_once_leave_one()
    {
        long id = await company.FoundAsync(_admin);
        TestUser second = await company.JoinAsync(id, _admin, "admin");
        HttpResponseMessage[] answers = await Task.WhenAll(
            company.SendAsync(_admin, "DELETE", $"/company/{id}/managers/{await company.ManagerIdAsync(id, _admin)}"),
            company.SendAsync(second, "DELETE", $"/company/{id}/managers/{await company.ManagerIdAsync(id, second)}"));
        answers.Select(a => (int)a.StatusCode).ShouldBe([204, 409], ignoreOrder: true);
        (await company.ScalarAsync<long>("SELECT count(*) FROM manager WHERE company_id = $1", id)).ShouldBe(1);
    }

    // Delivered by deactivate's own wait, so nothing here depends on how fast the relay is.
    private async Task<IEnumerable<Contracts.CompanyChanged>> EventsOf(long id)
    {
        await company.PostAsync(_admin, $"/company/{id}/activate").JsonAsync(200);
        return company.Neighbours.Events.Where(e => e.Id == id).OrderBy(e => e.Version);
    }
}
