using System.Diagnostics;

namespace BookSaga.Hosting.Tests;

public sealed class SagaTraceTests : IDisposable
{
    private static readonly ActivitySource Calls = new(nameof(SagaTraceTests));
    private readonly ActivityListener _listener = new()
    {
        ShouldListenTo = source => source.Name is "BookSaga.Saga" or nameof(SagaTraceTests),
        Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
    };

    public void Dispose() => _listener.Dispose();

    [Fact]
    public void The_root_has_the_bookings_own_ids_and_no_parent_and_is_linked_with_its_request_both_ways()
    {
        ActivitySource.AddActivityListener(_listener);
        var booking = Guid.CreateVersion7();
        using Activity request = Calls.StartActivity("request")!;

        using (Activity root = SagaTrace.StartRoot(booking, "book")!)
        {
            (root.TraceId.ToString() + root.SpanId).ShouldBe(booking.ToString("N") + booking.ToString("N")[16..]);
            root.Id.ShouldBe($"00-{root.TraceId}-{root.SpanId}-01");
            root.ParentSpanId.ShouldBe(default);
            root.Links.Single().Context.SpanId.ShouldBe(request.SpanId);
            request.Links.Single().Context.ShouldBe(root.Context);
            using Activity inside = SagaTrace.Start(booking, "step")!;
            (inside.TraceId, inside.ParentSpanId).ShouldBe((root.TraceId, root.SpanId));
            inside.Links.ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task Steps_that_come_in_one_call_are_each_below_the_root_of_their_own_trace_and_linked_to_the_call()
    {
        ActivitySource.AddActivityListener(_listener);
        Guid[] bookings = [Guid.CreateVersion7(), Guid.CreateVersion7()];
        using Activity call = Calls.StartActivity("call")!;

        var spans = new List<Activity>();
        _listener.ActivityStopped = spans.Add;

        (await SagaTrace.StepsAsync("step", bookings, booking => booking.ToString(), Run, _ => ("Refused", "no_money"))).ShouldBe(["the call", "the call"]);

        spans.Select(s => s.TraceId.ToString()).ShouldBe(bookings.Select(b => b.ToString("N")));
        spans.Select(s => s.ParentSpanId.ToString()).ShouldBe(bookings.Select(b => b.ToString("N")[16..]));
        spans.ShouldAllBe(s => s.Links.Single().Context.SpanId == call.SpanId && (string?)s.GetTagItem("booksaga.reason") == "no_money" && s.IsStopped);
        Activity.Current.ShouldBe(call);

        // None of many is the others' parent; a lone one is that of all its step does.
        (await SagaTrace.StepsAsync("step", bookings[..1], booking => booking.ToString(), Run, _ => ("Done", ""))).ShouldBe([$"{spans[^1].SpanId}"]);

        Task<string>[] Run(IReadOnlyList<Guid> items) =>
            [.. items.Select(_ => Task.FromResult(Activity.Current == call ? "the call" : $"{Activity.Current!.SpanId}"))];
    }

    [Fact]
    public async Task A_batch_of_one_runs_in_its_items_span_and_a_batch_of_many_in_none()
    {
        ActivitySource.AddActivityListener(_listener);
        var gate = new Gate();
        var spans = new List<string?>();
        var batcher = new Batcher<string, bool>(async items =>
        {
            spans.Add(Activity.Current?.OperationName);
            await (items[0] == "a" ? gate.PassAsync() : Task.CompletedTask);
            return new bool[items.Count];
        });
        Task<bool> a = await gate.HoldAsync(() => InSpanAsync("a"));
        Task<bool> b = InSpanAsync("b");
        Task<bool> c = InSpanAsync("c");
        gate.Open();
        await Task.WhenAll(a, b, c);
        await InSpanAsync("d");

        spans.ShouldBe(["a", null, "d"]);

        async Task<bool> InSpanAsync(string name)
        {
            using Activity? span = Calls.StartActivity(name);
            return await batcher.RunAsync(name);
        }
    }

    [Theory]
    [InlineData("""{"snapshot": {"booking_id": "x"}, "booking_id": "019ab3c4-0000-7000-8000-000000000001"}""", "019ab3c4-0000-7000-8000-000000000001")]
    [InlineData("""{"id": 1}""", null)]
    [InlineData("""{"booking_id": 1}""", null)]
    [InlineData("[]", null)]
    [InlineData("no json", null)]
    public void The_booking_of_an_event_is_its_payloads_own(string payload, string? booking) => $"{SagaTrace.BookingOf(payload)}".ShouldBe(booking ?? "");
}
