using System.Text.Json;
using BookSaga.Company.Tests.Support;
using BookSaga.Contracts.Booking;
using BookSaga.Contracts.Customer;

namespace BookSaga.Company.Tests;

public sealed class CancelOfferTests(CompanyFixture company) : IClassFixture<CompanyFixture>
{
    private const string Closed = """{"id":9,"status":"canceled_by_company"}""";
    private const string BookingId = "0198c0de-0000-7000-8000-000000000001";
    private static readonly object Body = new { reason = " Мастер заболел " };
    private readonly TestUser _admin = TestUser.New();

    [Fact]
    public async Task An_open_offer_is_withdrawn_without_asking_customer()
    {
        long id = await company.FoundAsync(_admin);
        company.Neighbours.PlanNothing();
        company.Neighbours.Plan<WithdrawOffer>(_ => new WithdrawOutcome { Code = WithdrawOutcome.Types.Code.Withdrawn, OfferJson = Closed });
        (await company.SendAsync(_admin, "POST", $"/company/{id}/offers/9/cancel", Body, language: "en").JsonAsync(200)).GetRawText().ShouldBe(Closed);
        company.Neighbours.Calls.ShouldHaveSingleItem().ShouldBe(
            new WithdrawOffer { CompanyId = id, OfferId = 9, Reason = "Мастер заболел", By = _admin.Id.ToString(), Language = "en" });
    }

    [Fact]
    public async Task A_paid_offer_is_refunded_before_the_answer()
    {
        long id = await company.FoundAsync(_admin);
        bool refunded = false;
        company.Neighbours.Plan<WithdrawOffer>(_ => refunded
            ? new WithdrawOutcome { Code = WithdrawOutcome.Types.Code.Closed, OfferJson = Closed }
            : new WithdrawOutcome { Code = WithdrawOutcome.Types.Code.Paid, BookingId = BookingId, CustomerId = Guid.NewGuid().ToString(), OfferJson = "{}" });
        company.Neighbours.Plan<CancelByCompanyRequest>(request =>
        {
            request.ShouldBe(new CancelByCompanyRequest { BookingId = BookingId, CompanyId = id, Reason = "Мастер заболел", ManagerId = _admin.Id.ToString() });
            refunded = true;
            return new CancelByCompanyReply { Code = CancelByCompanyReply.Types.Code.Cancelled };
        });
        (await company.PostAsync(_admin, $"/company/{id}/offers/9/cancel", Body).JsonAsync(200)).GetRawText().ShouldBe(Closed);
        company.Neighbours.Calls.Select(c => c.GetType()).ShouldBe([typeof(WithdrawOffer), typeof(CancelByCompanyRequest), typeof(WithdrawOffer)]);
    }

    [Fact]
    public async Task A_refund_that_still_runs_is_202_with_the_booking_named()
    {
        long id = await PaidAsync(new CancelByCompanyReply { Code = CancelByCompanyReply.Types.Code.Running });
        using HttpResponseMessage answer = await company.PostAsync(_admin, $"/company/{id}/offers/9/cancel", Body);
        answer.Headers.Location!.ToString().ShouldBe($"/api/v1/company/{id}/offers");
        (await Task.FromResult(answer).JsonAsync(202)).GetRawText().ShouldBe($$"""{"status":"refunding","booking_id":"{{BookingId}}"}""");
    }

    [Fact]
    public async Task A_refused_refund_is_a_conflict_with_its_reason()
    {
        long id = await PaidAsync(new CancelByCompanyReply { Code = CancelByCompanyReply.Types.Code.Refused, Reason = "already_completed" });
        JsonElement problem = await company.PostAsync(_admin, $"/company/{id}/offers/9/cancel", Body).JsonAsync(409);
        problem.GetProperty("code").GetString().ShouldBe("cancel_refused");
        problem.GetProperty("detail").GetString().ShouldBe("already_completed");
    }

    [Fact]
    public async Task A_booking_that_is_being_finished_at_this_moment_is_a_conflict()
    {
        long id = await PaidAsync(new CancelByCompanyReply { Code = CancelByCompanyReply.Types.Code.NotFound });
        (await company.PostAsync(_admin, $"/company/{id}/offers/9/cancel", Body).JsonAsync(409)).GetProperty("code").GetString().ShouldBe("booking_unfinished");
    }

    [Fact]
    public async Task A_closed_or_unknown_offer_is_told()
    {
        long id = await company.FoundAsync(_admin);
        company.Neighbours.Plan<WithdrawOffer>(_ => new WithdrawOutcome { Code = WithdrawOutcome.Types.Code.Closed, OfferJson = Closed });
        (await company.PostAsync(_admin, $"/company/{id}/offers/9/cancel", Body).JsonAsync(409)).GetProperty("code").GetString().ShouldBe("offer_closed");
        company.Neighbours.Plan<WithdrawOffer>(_ => new WithdrawOutcome { Code = WithdrawOutcome.Types.Code.Closed, OfferJson = """{"id":9,"status":"completed"}""" });
        (await company.PostAsync(_admin, $"/company/{id}/offers/9/cancel", Body).JsonAsync(409)).GetProperty("code").GetString().ShouldBe("booking_completed");
        company.Neighbours.Plan<WithdrawOffer>(_ => new WithdrawOutcome { Code = WithdrawOutcome.Types.Code.NotFound });
        await company.PostAsync(_admin, $"/company/{id}/offers/9/cancel", Body).ProblemAsync(404, "offer not found");
    }

    [Fact]
    public async Task A_repeat_under_a_key_is_answered_with_its_offer_and_neither_another_reason_nor_a_second_request_is()
    {
        long id = await company.FoundAsync(_admin);
        const string Done = """{"id":9,"status":"canceled_by_company","cancel_reason":"Мастер заболел"}""";
        company.Neighbours.Plan<WithdrawOffer>(_ => new WithdrawOutcome { Code = WithdrawOutcome.Types.Code.Closed, OfferJson = Done });

        (await CancelAsync(Body, "first").JsonAsync(200)).GetRawText().ShouldBe(Done);
        (await CancelAsync(new { reason = "other" }, "second").JsonAsync(409)).GetProperty("code").GetString().ShouldBe("offer_closed");
        (await CancelAsync(Body, key: null).JsonAsync(409)).GetProperty("code").GetString().ShouldBe("offer_closed");
        company.Neighbours.Plan<WithdrawOffer>(_ => new WithdrawOutcome { Code = WithdrawOutcome.Types.Code.Closed, OfferJson = Done.Replace("by_company", "by_customer", StringComparison.Ordinal) });
        (await CancelAsync(Body, "third").JsonAsync(409)).GetProperty("code").GetString().ShouldBe("offer_closed");

        Task<HttpResponseMessage> CancelAsync(object body, string? key) => company.SendAsync(_admin, "POST", $"/company/{id}/offers/9/cancel", body, key);
    }

    [Theory]
    [InlineData(null, "reason is required")]
    [InlineData("""{"reason":"  "}""", "reason is required")]
    [InlineData("""{"reason":"a\u0000"}""", "reason must not contain a NUL character")]
    [InlineData("""{"reason":1}""", "invalid request")]
    public async Task A_reason_is_owed_to_the_client(string? body, string error)
    {
        long id = await company.FoundAsync(_admin);
        company.Neighbours.PlanNothing();
        await company.PostAsync(_admin, $"/company/{id}/offers/9/cancel", body).ProblemAsync(400, error);
        await company.PostAsync(_admin, $"/company/{id}/offers/9/cancel", new { reason = new string('x', 501) }).ProblemAsync(400, "reason must be at most 500 characters long");
        company.Neighbours.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_repeat_under_one_key_cancels_once()
    {
        long id = await company.FoundAsync(_admin);
        company.Neighbours.Plan<WithdrawOffer>(_ => new WithdrawOutcome { Code = WithdrawOutcome.Types.Code.Withdrawn, OfferJson = Closed });
        for (int i = 0; i < 2; i++)
        {
            (await company.SendAsync(_admin, "POST", $"/company/{id}/offers/9/cancel", Body, key: "k").JsonAsync(200)).GetRawText().ShouldBe(Closed);
        }
        company.Neighbours.Calls.ShouldHaveSingleItem();
    }

    private async Task<long> PaidAsync(CancelByCompanyReply reply)
    {
        long id = await company.FoundAsync(_admin);
        company.Neighbours.Plan<WithdrawOffer>(_ => new WithdrawOutcome { Code = WithdrawOutcome.Types.Code.Paid, BookingId = BookingId, OfferJson = "{}" });
        company.Neighbours.Plan<CancelByCompanyRequest>(_ => reply);
        return id;
    }
}
