using System.Text.Json;
using BookSaga.Company.Tests.Support;
using BookSaga.Contracts.Booking;

namespace BookSaga.Company.Tests;

public sealed class IdempotencyTests(CompanyFixture company) : IClassFixture<CompanyFixture>
{
    private readonly TestUser _user = TestUser.New();

    [Fact]
    public async Task A_repeat_under_one_key_gives_the_first_answer_and_no_second_company()
    {
        string first = (await PostAsync("k").JsonAsync(201)).GetRawText();
        using HttpResponseMessage repeat = await PostAsync("k");
        repeat.Headers.Location.ShouldNotBeNull();
        (await Task.FromResult(repeat).JsonAsync(201)).GetRawText().ShouldBe(first);
        (await CountAsync()).ShouldBe(1);
        await PostAsync(null).JsonAsync(201);
        (await CountAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task Another_body_under_the_key_is_refused_and_another_caller_is_free()
    {
        await PostAsync("k").JsonAsync(201);
        await company.SendAsync(_user, "POST", "/company", """{"name":"other","address":"a","phone":"p"}""", "k")
            .ProblemAsync(422, "the idempotency key was used for another request");
        await company.SendAsync(TestUser.New(), "POST", "/company", CompanyFixture.Valid, "k").JsonAsync(201);
        (await CountAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Concurrent_repeats_make_one_company()
    {
        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PostAsync("k")));
        answers.ShouldAllBe(a => (int)a.StatusCode == 201 || (int)a.StatusCode == 409);
        answers.ShouldContain(a => (int)a.StatusCode == 201);
        (await CountAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_repeat_after_the_process_died_finds_the_company_that_was_made()
    {
        long id = (await PostAsync("k").JsonAsync(201)).GetProperty("id").GetInt64();
        // As after a kill between the company's commit and the record of the answer.
        await company.ExecuteAsync("UPDATE idempotency SET status = NULL, headers = NULL, body = NULL, locked_until = now() WHERE caller = $1", _user.Id);
        (await PostAsync("k").JsonAsync(201)).GetProperty("id").GetInt64().ShouldBe(id);
        (await CountAsync()).ShouldBe(1);
        (await company.VersionAsync(id)).ShouldBe(1);
    }

    [Fact]
    public async Task An_invitation_repeated_after_the_process_died_is_the_one_that_was_made()
    {
        long id = await company.FoundAsync(_user);
        string email = TestUser.New().Email;
        Task<HttpResponseMessage> Invite(string key) => company.SendAsync(_user, "POST", $"/company/{id}/managers", $$"""{"email":"{{email}}"}""", key);
        string first = (await Invite("k").JsonAsync(201)).GetRawText();
        long version = await company.VersionAsync(id);
        await company.ExecuteAsync("UPDATE idempotency SET status = NULL, headers = NULL, body = NULL, locked_until = now() WHERE caller = $1", _user.Id);
        using HttpResponseMessage repeat = await Invite("k");
        repeat.Headers.Location.ShouldNotBeNull();
        (await Task.FromResult(repeat).JsonAsync(201)).GetRawText().ShouldBe(first);
        (await company.VersionAsync(id)).ShouldBe(version);
        await Invite("another").ProblemAsync(409, "already a manager or invited");
    }

    [Fact]
    public async Task A_refusal_is_replayed_too_and_a_broken_attempt_is_not()
    {
        await company.SendAsync(_user, "POST", "/company", "{}", "k").ProblemAsync(400, "company name is required");
        await company.SendAsync(_user, "POST", "/company", "{}", "k").ProblemAsync(400, "company name is required");
        await PostAsync("k").ProblemAsync(422, "the idempotency key was used for another request");
        await PostAsync(new string('k', 256)).ProblemAsync(400, "the idempotency key is longer than 255 characters");
    }

    [Fact]
    public async Task An_offer_repeated_after_an_unknown_outcome_carries_the_same_operation()
    {
        long id = await company.FoundAsync(_user);
        var operations = new List<string>();
        company.Neighbours.Plan<AddOffer>(request =>
        {
            operations.Add(request.OperationId);
            return operations.Count == 1
                ? throw new Grpc.Core.RpcException(new(Grpc.Core.StatusCode.Unavailable, "lost"))
                : new AddOfferReply { Code = AddOfferReply.Types.Code.Added, Id = 5, OfferJson = """{"id":5}""" };
        });
        const string Offer = """{"service_id":7,"price":10,"datetime":"2030-01-01T10:00:00Z"}""";
        Task<HttpResponseMessage> Send(string? key) => company.SendAsync(_user, "POST", $"/company/{id}/offers", Offer, key);
        await Send("k").ProblemAsync(503, "temporarily unavailable");
        JsonElement made = await Send("k").JsonAsync(201);
        (await Send("k").JsonAsync(201)).GetRawText().ShouldBe(made.GetRawText());
        await Send(null).JsonAsync(201);
        operations.Count.ShouldBe(3);
        operations[1].ShouldBe(operations[0]);
        operations[2].ShouldNotBe(operations[0]);
    }

    private Task<HttpResponseMessage> PostAsync(string? key) => company.SendAsync(_user, "POST", "/company", CompanyFixture.Valid, key);

    private Task<long> CountAsync() => company.ScalarAsync<long>("SELECT count(*) FROM manager WHERE user_id = $1", _user.Id);
}
