using System.Globalization;
using System.Text;
using BookSaga.Booking.Offers;
using BookSaga.Launcher;

namespace BookSaga.Load;

/// <summary>Searches and a customer's own pages through the gateway; each search also as its own statement under pgbench, with as many connections.</summary>
internal sealed class Reads(Platform platform, History history, Plan plan, string folder, Crowd crowd, Action<string> say)
{
    private const int Connections = 16;
    private const int PageSize = 50;
    private readonly int _gateway = platform.Ports.Services[ServiceTable.Gateway].Http;
    private readonly int _web = platform.Ports.Services[ServiceTable.Web].Http;

    internal async Task RunAsync(Results results)
    {
        await crowd.RefreshAsync();
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        (DateTimeOffset From, DateTimeOffset To) week = (now, now.AddDays(7));
        (DateTimeOffset From, DateTimeOffset To) day = (now.AddDays(200), now.AddDays(201));
        await SearchAsync(results, "search, all services, next week, page 1", null, week, 1);
        await SearchAsync(results, "search, all services, next week, page 100", null, week, 100);
        await SearchAsync(results, "search, one service, next week, page 1", 8, week, 1);
        await SearchAsync(results, "search, one service, next week, page 100", 8, week, 100);
        await SearchAsync(results, "search, a category of ten, next week, page 1", 5, week, 1);
        await SearchAsync(results, "search, one service, one day far off, page 1", 9, day, 1);
        await PageAsync(results, "/", "/api/v1/offers?page=1&limit=100");
        await PageAsync(results, "/?service_id=8", "/api/v1/offers?service_id=8&page=1&limit=100");
        await OwnAsync(results, "profile", "/api/v1/customer/profile"u8.ToArray(), first: false);
        await OwnAsync(results, "balance", "/api/v1/customer/payment/balance"u8.ToArray(), first: false);
        if (plan.History > 0)
        {
            await history.AddAsync(10_000, crowd.Ids, say);
            await OwnAsync(results, "my bookings, 10,000 of them, page 1", "/api/v1/customer/bookings?page=1"u8.ToArray(), first: true);
            await OwnAsync(results, "my bookings, 10,000 of them, page 100", "/api/v1/customer/bookings?page=100"u8.ToArray(), first: true);
        }
    }

    private async Task SearchAsync(Results results, string what, int? service, (DateTimeOffset From, DateTimeOffset To) window, int page)
    {
        string category = service is { } id ? string.Create(CultureInfo.InvariantCulture, $"service_id={id}&") : "";
        string path = string.Create(CultureInfo.InvariantCulture, $"/api/v1/offers?{category}from={window.From:yyyy-MM-ddTHH:mm:ssZ}&to={window.To:yyyy-MM-ddTHH:mm:ssZ}&page={page}");
        string sql = SearchOffers.Sql;
        string[] arguments = [service is null ? "NULL" : Text(service.Value), $"'{window.From:O}'", $"'{window.To:O}'", Text(PageSize), Text((page - 1) * PageSize)];
        for (int i = arguments.Length; i > 0; i--)
        {
            sql = sql.Replace("$" + Text(i), arguments[i - 1], StringComparison.Ordinal);
        }
        Measurement m = await MeasureAsync(Encoding.ASCII.GetBytes(path), customer: _ => -1);
        PgbenchResult alone = await new Limit(platform.PostgresUrl!, folder).RunAsync("booking", "search", sql + ";\n", Connections, plan.LoadSeconds / 2);
        Add(results, new Read(what, Connections, Math.Round(m.PerSecond), m.Percentile(0.5), m.Percentile(0.99), alone.P50, alone.P99));
    }

    private async Task OwnAsync(Results results, string what, byte[] path, bool first)
    {
        Measurement m = await MeasureAsync(path, number => first ? 0 : (int)(number % crowd.Count));
        Add(results, new Read(what, Connections, Math.Round(m.PerSecond), m.Percentile(0.5), m.Percentile(0.99), null, null));
    }

    // The time that the web's own server takes for a page, and the question that it asks the API, through the gateway as it does; one after the other.
    private async Task PageAsync(Results results, string page, string question)
    {
        Measurement api = await MeasureAsync(Encoding.ASCII.GetBytes(question), customer: _ => -1, connections: 1);
        _ = await MeasureAsync(Encoding.ASCII.GetBytes(page), customer: _ => -1, connections: 1, _web); // a page is more code to compile than one warm-up is long
        Measurement whole = await MeasureAsync(Encoding.ASCII.GetBytes(page), customer: _ => -1, connections: 1, _web);
        var read = new PageRead(page, whole.Percentile(0.5), whole.Percentile(0.99), api.Percentile(0.5), api.Percentile(0.99));
        results.Pages.Add(read);
        say(string.Create(CultureInfo.InvariantCulture, $"page {page}: p50 {read.P50:0.0} ms, p99 {read.P99:0.0} ms (its API call {read.ApiP50:0.0}, {read.ApiP99:0.0})"));
    }

    private async Task<Measurement> MeasureAsync(byte[] path, Func<long, int> customer, int connections = Connections, int? port = null)
    {
        var generator = new Generator(port ?? _gateway, (buffer, number) => crowd.Write(buffer, "GET "u8, path, -1, [], customer(number)));
        var time = TimeSpan.FromSeconds(plan.LoadSeconds / 2.0);
        _ = await generator.ClosedAsync(connections, time); // compilers, plans and the databases' memory
        Measurement m = await generator.ClosedAsync(connections, time);
        return m.Failed + m.Shed == 0 ? m : throw new Failure($"{Encoding.ASCII.GetString(path)} was answered by {string.Join(' ', m.Statuses)}");
    }

    private void Add(Results results, Read read)
    {
        results.Reads.Add(read);
        say(string.Create(CultureInfo.InvariantCulture, $"{read.What}: {read.PerS:N0}/s, p50 {read.P50:0.0} ms, p99 {read.P99:0.0} ms (SQL alone {read.SqlP50:0.0}, {read.SqlP99:0.0})"));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
