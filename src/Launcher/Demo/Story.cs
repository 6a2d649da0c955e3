using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace BookSaga.Launcher.Demo;

/// <summary><c>demo</c>: plays the booking story through the public API of the running platform; ends with an error where it goes otherwise than told.</summary>
internal static class Story
{
    private const int Haircut = 7;
    private const decimal Price = 25m;
    private const decimal TopUp = 40m;

    internal static Task<int> RunAsync(Workspace workspace) => PlayAsync(PlatformState.Read(workspace.StateFile) is { IsRunning: true } running
        ? running
        : throw new Failure("The platform is not running; start it with: make up."));

    /// <summary>The same on a platform that is known to run.</summary>
    internal static async Task<int> PlayAsync(PlatformState state)
    {
        using var http = new HttpClient { BaseAddress = new Uri(state.Url), Timeout = TimeSpan.FromSeconds(30) };
        string run = RandomNumberGenerator.GetHexString(6, lowercase: true); // new people each time, so that the story can be told again
        var business = new Actor(http, $"boris.{run}@example.com", "Boris", "Barber");
        var client = new Actor(http, $"clara.{run}@example.com", "Clara", "Client");
        try
        {
            await PlayAsync(business, client);
            await ShowMailsAsync(state.Mail, http, [client, business]);
        }
        catch (HttpRequestException e)
        {
            throw new Failure($"{state.Url} does not answer: {e.Message}");
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or JsonException)
        {
            throw new Failure("An answer does not have the shape that the story expects: " + e.Message);
        }
        Console.WriteLine("\nThe story went as told.");
        return 0;
    }

    private static async Task PlayAsync(Actor business, Actor client)
    {
        Console.WriteLine("A business user opens a barber shop and offers one haircut");
        await business.RegisterAsync("/company/register");
        JsonElement company = await business.PostAsync(
            "/company", new { name = "Boris' barber shop", address = "1 Saga street", phone = "+1 555 0100" }, 201, c => $"company {Field(c, "id")}, {Field(c, "name")}");
        DateTimeOffset when = Soon();
        JsonElement offer = await business.PostAsync(
            $"/company/{Field(company, "id")}/offers", new { service_id = Haircut, price = Price, datetime = when }, 201, o => "offer " + Line(o));
        string id = Field(offer, "id");

        Console.WriteLine("\nA client looks for one");
        await client.RegisterAsync("/customer/register");
        await client.PostAsync("/customer/payment/create-account", null, 201, _ => "an account");
        await SearchAsync();

        Console.WriteLine("\nBooking without money fails, and the offer is open again before the answer is sent");
        await client.PostAsync($"/customer/offer/{id}/book", null, 422, e => Field(e, "error"));
        await SearchAsync();
        await BalanceAsync(0);

        Console.WriteLine("\nWith money the same offer is booked and paid");
        await client.PostAsync("/customer/payment/top-up", new { amount = TopUp }, 200, _ => $"{Money(TopUp)} added");
        await client.PostAsync($"/customer/offer/{id}/book", null, 200, _ => "paid");
        await BalanceAsync(TopUp - Price);
        await client.GetAsync("/customer/offers/my", mine => "mine: offer " + Line(mine.EnumerateArray().Single()));
        await client.GetAsync("/customer/payment/transactions", Statement);

        Console.WriteLine("\nWhat happened, step by step");
        JsonElement bookings = await client.GetAsync("/customer/bookings", list => string.Join(", ", list.EnumerateArray().Select(b => Field(b, "status"))));
        foreach (JsonElement booking in bookings.EnumerateArray().Reverse())
        {
            await client.GetAsync($"/customer/bookings/{Field(booking, "id")}", Timeline);
        }

        Task SearchAsync() => client.GetAsync(
            $"/customer/offers?service_id={Haircut}&from={Query(when)}&to={Query(when)}&limit=100",
            found => "found: offer " + Line(found.EnumerateArray().FirstOrDefault(o => Field(o, "id") == id) is { ValueKind: JsonValueKind.Object } mine
                ? mine
                : throw new Failure($"Offer {id} is not among the open ones.")));

        Task BalanceAsync(decimal expected) => client.GetAsync(
            "/customer/payment/balance",
            b => b.GetProperty("balance").GetDecimal() is var balance && balance == expected
                ? $"balance {Money(balance)}"
                : throw new Failure($"The balance is {balance} where the story says {expected}."));
    }

    private static async Task ShowMailsAsync(MailState mail, HttpClient http, Actor[] people)
    {
        if (mail is { Web: null, Directory: null })
        {
            return; // a real SMTP server: the mails are in real mailboxes
        }
        Console.WriteLine("\nEach outcome was told to both by mail");
        var mailbox = new Mailbox(http, mail);
        foreach (Actor person in people)
        {
            foreach (string subject in await mailbox.WaitAsync(person.Email, count: 2))
            {
                Console.WriteLine($"  to {person.Email}: {subject}");
            }
        }
    }

    private static string Statement(JsonElement transactions) => Block(transactions.EnumerateArray().Select(t =>
        $"{Field(t, "type"),-8} {Field(t, "status"),-10} {Money(t.GetProperty("amount").GetDecimal()),8}  balance {Money(t.GetProperty("balance_after").GetDecimal())}"));

    private static string Timeline(JsonElement booking) => $"{Field(booking, "status")} {Field(booking, "reason")}".TrimEnd() + Block(booking.GetProperty("timeline").EnumerateArray().Select(s =>
        $"{Field(s, "step"),-18} {Field(s, "status"),-12} {Field(s, "duration_ms"),7} ms   money: {Field(s, "money")}"));

    private static string Line(JsonElement offer) =>
        $"{Field(offer, "id")}: {Field(offer, "service_name")}, {Field(offer, "datetime")}, {Money(offer.GetProperty("price").GetDecimal())}, {Field(offer, "status")}";

    private static string Block(IEnumerable<string> lines) => string.Concat(lines.Select(line => "\n         " + line));

    private static string Field(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : "";

    private static string Money(decimal amount) => amount.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Query(DateTimeOffset time) => Uri.EscapeDataString(time.ToString("O", CultureInfo.InvariantCulture));

    // Three days ahead at a random second: nobody else's demo offers the same moment.
    private static DateTimeOffset Soon()
    {
        DateTimeOffset day = TimeProvider.System.GetUtcNow().AddDays(3);
        return new DateTimeOffset(day.Year, day.Month, day.Day, 9, 0, 0, TimeSpan.Zero).AddSeconds(RandomNumberGenerator.GetInt32(8 * 3600));
    }
}
