using BookSaga.Notification.Webhooks;

namespace BookSaga.Notification.Tests.Webhooks;

public sealed class RetryScheduleTests
{
    [Fact]
    public void The_schedule_is_the_documented_one()
    {
        TimeSpan[] pauses = [.. Enumerable.Range(1, RetrySchedule.MaxAttempts - 1).Select(attempt => RetrySchedule.PauseAfter(attempt))];
        pauses.Select(p => $"{p}").ShouldBe(
            ["00:00:05", "00:00:25", "00:02:05", "00:10:25", "00:52:05", "04:20:25", "12:00:00", "12:00:00", "12:00:00", "12:00:00", "12:00:00"]);
        pauses.Aggregate(TimeSpan.Zero, (sum, pause) => sum + pause).ShouldBe(new TimeSpan(65, 25, 30));
    }

    [Theory]
    [InlineData(1, "00:01:00", "00:01:00")]
    [InlineData(5, "00:01:00", "00:52:05")]
    [InlineData(1, "30.00:00:00", "12:00:00")]
    [InlineData(1, "-00:01:00", "00:00:05")]
    public void An_endpoint_may_ask_for_more_time_but_not_for_ever(int attempt, string asked, string pause) =>
        $"{RetrySchedule.PauseAfter(attempt, TimeSpan.Parse(asked))}".ShouldBe(pause);
}
