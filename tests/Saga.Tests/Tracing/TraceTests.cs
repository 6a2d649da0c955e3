using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Saga.Tests.Tracing;

/// <summary>What a collector gets from real processes: one trace per saga, whose id is the booking's.</summary>
[Collection("alone")] // four processes more would slow down the tests that measure recovery
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class TraceTests(TracedPlatform platform) : IClassFixture<TracedPlatform>
{
    private const string RequestTrace = "0af7651916cd43dd8448eb211c80319c";

    [Fact]
    public async Task A_booking_is_one_trace_through_four_services_from_its_request_to_its_mails()
    {
        TestUser client = await platform.ClientAsync(10m);
        long offer = await platform.OfferAsync(10m);
        using HttpClient http = platform.Http("customer", client);
        http.DefaultRequestHeaders.Add("traceparent", $"00-{RequestTrace}-b7ad6b7169203331-01");
        Guid booking = (await http.PostAsync($"/api/v1/customer/offer/{offer}/book", null).JsonAsync(200)).GetProperty("id").GetGuid();

        List<ReceivedSpan> trace = await TraceAsync(booking, spans => Complete(spans) && Has(
            spans, 1, "book-offer", "deliver customer.booking-paid.v1", "receive customer.booking-paid.v1", "render mails") && Has(spans, 2, "ReserveOffer", "ChargeCustomer", "ConfirmOffer", "send mail"));

        ReceivedSpan root = trace.Single(s => s.Parent.Length == 0);
        (root.Service, root.Name, root.Id, root.Tag("booksaga.outcome"), root.Tag("booksaga.epoch"))
            .ShouldBe(("customer", "book-offer", booking.ToString("N")[16..], "paid", "1"));
        trace.Select(s => s.Service).Distinct().Order().ShouldBe(["booking", "customer", "notification", "payment"]);
        foreach ((string command, string participant) in new[] { ("ReserveOffer", "booking"), ("ChargeCustomer", "payment"), ("ConfirmOffer", "booking") })
        {
            ReceivedSpan sent = trace.Single(s => s.Name == command && s.Service == "customer");
            ReceivedSpan served = trace.Single(s => s.Name == command && s.Service == participant);
            (sent.Parent, sent.Span.Kind, served.Span.Kind).ShouldBe((root.Id, 3, 2));
            Ancestors(trace, served).ShouldContain(sent.Id);
        }
        trace.Single(s => s.Name == "deliver customer.booking-paid.v1").Service.ShouldBe("customer");
        ReceivedSpan received = trace.Single(s => s.Name == "receive customer.booking-paid.v1");
        received.Service.ShouldBe("notification");
        trace.Single(s => s.Name == "render mails").Parent.ShouldBe(root.Id);
        trace.Where(s => s.Name == "send mail").Select(s => (s.Service, s.Tag("booksaga.audience"), s.Tag("booksaga.outcome"))).Order()
            .ShouldBe([("notification", "client", "sent"), ("notification", "company", "sent")]);
        trace.Where(s => s.Parent.Length > 0 && trace.All(p => p.Id != s.Parent)).Select(s => $"{s.Service} {s.Name}").ShouldBeEmpty("every parent is there");
        Directory.GetFiles(platform.Mails).Count(mail => File.ReadAllText(mail).Contains($"X-BookSaga-Booking: {booking}", StringComparison.Ordinal)).ShouldBe(2);

        root.Span.Links.Select(l => TraceReceiver.Hex(l.TraceId)).ShouldBe([RequestTrace]);
        List<ReceivedSpan> request = await platform.Traces.TraceAsync(RequestTrace, spans => spans.Any(s => s.Span.Links.Count > 0));
        request.SelectMany(s => s.Span.Links).Select(l => TraceReceiver.Hex(l.SpanId)).ShouldBe([root.Id]);
    }

    [Fact]
    public async Task A_refused_payment_and_what_undoes_its_booking_are_in_the_trace()
    {
        TestUser client = await platform.ClientAsync(1m);
        using HttpClient http = platform.Http("customer", client);
        await http.PostAsync($"/api/v1/customer/offer/{await platform.OfferAsync(10m)}/book", null).ProblemAsync(422, "insufficient funds");

        List<ReceivedSpan> trace = await TraceAsync(await platform.BookingAsync(client), spans =>
            Has(spans, 1, "book-offer", "receive customer.booking-failed.v1") && Has(spans, 2, "ChargeCustomer", "ReleaseOffer"));

        Outcome(trace.Single(s => s.Name == "book-offer")).ShouldBe(("failed", "insufficient_funds"));
        Outcome(trace.Single(s => s.Name == "ChargeCustomer" && s.Service == "customer")).ShouldBe(("refused", "insufficient_funds"));
        Outcome(trace.Single(s => s.Name == "ChargeCustomer" && s.Service == "payment")).ShouldBe(("Refused", "insufficient_funds"));
        Outcome(trace.Single(s => s.Name == "ReleaseOffer" && s.Service == "booking")).ShouldBe(("Done", null));
        Count(trace, "receive customer.booking-failed.v1").ShouldBe(1);
    }

    [Fact]
    public async Task A_cancellation_is_in_the_trace_of_its_booking()
    {
        TestUser client = await platform.ClientAsync(10m);
        using HttpClient http = platform.Http("customer", client);
        Guid booking = (await http.PostAsync($"/api/v1/customer/offer/{await platform.OfferAsync(10m)}/book", null).JsonAsync(200)).GetProperty("id").GetGuid();
        await http.PostAsync($"/api/v1/customer/bookings/{booking}/cancel", new { reason = "ill" }).JsonAsync(200);

        List<ReceivedSpan> trace = await TraceAsync(booking, spans =>
            Has(spans, 1, "cancel-booking", "receive customer.booking-cancelled.v1", "RefundPayment") && Has(spans, 2, "CancelClaim") && spans.Any(s => s.Name == "RefundPayment" && s.Service == "payment"));

        ReceivedSpan cancel = trace.Single(s => s.Name == "cancel-booking");
        cancel.Parent.ShouldBe(booking.ToString("N")[16..]);
        Outcome(cancel).ShouldBe(("cancelled", null));
        Outcome(trace.Single(s => s.Name == "CancelClaim" && s.Service == "booking")).ShouldBe(("Done", null));
        Outcome(trace.Single(s => s.Name == "RefundPayment" && s.Service == "payment")).ShouldBe(("Refunded", null));
        Count(trace, "receive customer.booking-cancelled.v1").ShouldBe(1);
    }

    [Fact]
    public async Task Later_drives_also_after_a_crash_are_in_the_same_trace_and_counted()
    {
        TestUser client = await platform.ClientAsync(10m);
        long offer = await platform.OfferAsync(10m);
        Task<HttpResponseMessage> request;
        Guid booking;
        using (HttpClient http = platform.Http("customer", client))
        await using (NpgsqlConnection payment = await platform.Database("payment").Db.OpenConnectionAsync())
        await using (NpgsqlTransaction transaction = await payment.BeginTransactionAsync())
        {
            await using (NpgsqlCommand stop = payment.Sql("LOCK TABLE transfer IN ACCESS EXCLUSIVE MODE"))
            {
                await stop.ExecuteNonQueryAsync();
            }
            request = http.PostAsync($"/api/v1/customer/offer/{offer}/book", null);
            await Until.TrueAsync(async () => await EpochAsync(client) > 1);
            booking = await platform.BookingAsync(client);
            await UntilMetricsAsync(lines => Value(lines, "booksaga_saga_step_retries_total", "command=\"ChargeCustomer\"") > 0 && Value(lines, "booksaga_sagas_live", "saga=\"book-offer\"") == 1
                && Value(lines, "booksaga_saga_oldest_live_seconds", "saga=\"book-offer\"") > 0);
            await TraceAsync(booking, spans => Count(spans, "book-offer") > 0);
            platform.Kill("customer");
            await request.BreaksOffAsync();
            await platform.StartAsync("customer");
        }

        List<ReceivedSpan> trace = await TraceAsync(booking, spans => Count(spans, "send mail") == 2 && spans.Any(s => s.Tag("booksaga.outcome") == "paid"));

        ReceivedSpan root = trace.Single(s => s.Parent.Length == 0);
        (root.Name, root.Tag("booksaga.epoch"), root.Span.Status.Code).ShouldBe(("book-offer", "1", 2));
        ReceivedSpan last = trace.Single(s => s.Name == "book-offer" && s.Tag("booksaga.outcome") == "paid");
        (last.Parent, last.Tag("booksaga.epoch")).ShouldBe((root.Id, $"{await EpochAsync(client)}"));
        await UntilMetricsAsync(lines => Value(lines, "booksaga_saga_recovered_total", "saga=\"book-offer\"") == 1
            && Value(lines, "booksaga_saga_duration_seconds_count", "outcome=\"paid\"") == 1
            && Value(lines, "booksaga_saga_duration_seconds_bucket", "outcome=\"paid\"", "le=\"0.001\"") == 0
            && Value(lines, "booksaga_sagas_live", "saga=\"book-offer\"") == 0
            && Value(lines, "booksaga_outbox_waiting", "destination=\"notification\"") == 0
            && Value(lines, "booksaga_outbox_oldest_seconds", "destination=\"notification\"") == 0);
    }

    [Fact]
    public async Task What_runs_by_itself_and_probes_make_no_traces()
    {
        int before = platform.Traces.All.Count;
        TestUser client = await platform.ClientAsync(10m);
        using HttpClient http = platform.Http("customer", client);
        await http.GetStringAsync("/metrics");
        await http.GetStringAsync("/readyz");
        await http.PostAsync($"/api/v1/customer/offer/{await platform.OfferAsync(10m)}/book", null).JsonAsync(200);
        await TraceAsync(await platform.BookingAsync(client), spans => Count(spans, "send mail") == 2);

        platform.Traces.All.Skip(before).Where(s => s.Name is "postgresql" && s.Parent.Length == 0 || s.Name.Contains("/metrics", StringComparison.Ordinal) || s.Name.Contains("/readyz", StringComparison.Ordinal))
            .Select(s => $"{s.Service} {s.Name}").ShouldBeEmpty();
    }

    private Task<int> EpochAsync(TestUser client) =>
        platform.Database("customer").Db.QueryFirstAsync("SELECT epoch FROM booking WHERE customer_id = $1", row => row.GetInt32(0), default, client.Id);

    private Task<List<ReceivedSpan>> TraceAsync(Guid booking, Func<List<ReceivedSpan>, bool> complete) => platform.Traces.TraceAsync(booking.ToString("N"), complete);

    private Task UntilMetricsAsync(Func<string[], bool> condition) => Until.TrueAsync(async () =>
    {
        using HttpClient http = platform.Http("customer");
        return condition((await http.GetStringAsync("/metrics")).Split('\n'));
    });

    private static double? Value(string[] lines, string name, params string[] labels) =>
        lines.FirstOrDefault(l => l.StartsWith(name + "{", StringComparison.Ordinal) && labels.All(label => l.Contains(label, StringComparison.Ordinal))) is { } line
            ? double.Parse(line.Split("} ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)
            : null;

    private static int Count(List<ReceivedSpan> spans, string name) => spans.Count(s => s.Name == name);

    // Each process exports by itself, so the last one of a trace may be any.
    private static bool Has(List<ReceivedSpan> spans, int count, params string[] names) => names.All(name => Count(spans, name) >= count);

    private static bool Complete(List<ReceivedSpan> spans) => spans.All(s => s.Parent.Length == 0 || spans.Any(p => p.Id == s.Parent));

    private static (string?, string?) Outcome(ReceivedSpan span) => (span.Tag("booksaga.outcome"), span.Tag("booksaga.reason"));

    private static IEnumerable<string> Ancestors(List<ReceivedSpan> trace, ReceivedSpan span)
    {
        for (ReceivedSpan? at = span; at is not null; at = trace.FirstOrDefault(s => s.Id == at.Parent))
        {
            yield return at.Parent;
        }
    }
}
