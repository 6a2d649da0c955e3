using System.Diagnostics;
using BookSaga.Customer.Sagas;

namespace BookSaga.Customer.Tests;

public sealed class SagaMachineTests
{
    private enum Step
    {
        Hold,
        Free,
        Pay,
        Forbid,
        Return,
        Sell,
    }

    private static readonly SagaDefinition<Step> Definition = new(
        "test", new(Step.Hold, Undo: Step.Free), new(Step.Pay, Undo: Step.Return, Abort: Step.Forbid), new(Step.Sell, Pivot: true));

    [Fact]
    public void Steps_are_sent_in_order_until_the_end() => Play().ShouldBe(["Hold", "Pay", "Sell", "success"]);

    [Fact]
    public void A_first_step_that_is_refused_ends_the_saga_with_nothing_to_undo() => Play(refused: [Step.Hold]).ShouldBe(["Hold", "failed: no Hold"]);

    [Fact]
    public void What_was_done_is_undone_in_reverse() => Play(refused: [Step.Sell]).ShouldBe(["Hold", "Pay", "Sell", "Return", "Free", "failed: no Sell"]);

    [Fact]
    public void A_refused_step_itself_is_not_undone() => Play(refused: [Step.Pay]).ShouldBe(["Hold", "Pay", "Free", "failed: no Pay"]);

    [Fact]
    public void After_the_deadline_a_step_that_can_be_aborted_is_aborted() =>
        Play(pastDeadline: true, refused: [Step.Forbid]).ShouldBe(["Hold", "Forbid", "Free", "failed: no Forbid"]);

    [Fact]
    public void An_abort_that_comes_too_late_lets_the_saga_go_on() => Play(pastDeadline: true).ShouldBe(["Hold", "Forbid", "Sell", "success"]);

    [Fact]
    public void A_payment_that_is_known_is_not_aborted_when_the_deadline_passes() =>
        SagaMachine.Next(Definition, new Dictionary<Step, Outcome> { [Step.Hold] = Outcome.Success, [Step.Pay] = Outcome.Success }, pastDeadline: true).Command.ShouldBe(Step.Sell);

    [Fact]
    public void A_compensation_that_is_refused_is_a_broken_invariant() => Should.Throw<UnreachableException>(() => Play(refused: [Step.Sell, Step.Return]));

    [Fact]
    public void A_step_after_the_pivot_must_not_be_refused()
    {
        var definition = new SagaDefinition<Step>("test", new(Step.Sell, Pivot: true), new(Step.Return));
        Should.Throw<UnreachableException>(() => SagaMachine.Next(
            definition, new Dictionary<Step, Outcome> { [Step.Sell] = Outcome.Success, [Step.Return] = Outcome.Refused("no") }, pastDeadline: false));
    }

    private static List<string> Play(bool pastDeadline = false, params Step[] refused)
    {
        var known = new Dictionary<Step, Outcome>();
        var told = new List<string>();
        while (told.Count < 20)
        {
            Decision<Step> next = SagaMachine.Next(Definition, known, pastDeadline);
            if (next.Command is not { } command)
            {
                told.Add(next.FailedReason is { } reason ? "failed: " + reason : "success");
                return told;
            }
            told.Add($"{command}");
            known[command] = refused.Contains(command) ? Outcome.Refused($"no {command}") : Outcome.Success;
        }
        throw new InvalidOperationException("the saga does not end");
    }
}
