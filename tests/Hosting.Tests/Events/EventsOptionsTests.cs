using BookSaga.Hosting.Events.Broker;

namespace BookSaga.Hosting.Tests.Events;

public sealed class EventsOptionsTests
{
    private static readonly EventsOptionsCheck Check = new();

    [Fact]
    public void Direct_delivery_needs_no_setting() => Check.Validate(null, new EventsOptions()).Succeeded.ShouldBeTrue();

    [Fact]
    public void Every_wrong_setting_is_named_at_once_and_no_password_is_shown()
    {
        IEnumerable<string> errors = Check.Validate(null, new EventsOptions
        {
            Transport = "Pigeon",
            RabbitMq = new()
            {
                Url = "http://user:geheim@host", CaFile = "/nowhere.pem", Prefix = "Book Saga", Prefetch = 0, RetryDelay = TimeSpan.Zero, Timeout = TimeSpan.FromHours(1),
            },
        }).Failures!;

        errors.Select(e => e.Split(' ')[0]).ShouldBe(
            ["Events:Transport", "Events:RabbitMq:Url", "Events:RabbitMq:CaFile", "Events:RabbitMq:Prefix", "Events:RabbitMq:Prefetch", "Events:RabbitMq:RetryDelay", "Events:RabbitMq:Timeout"]);
        string.Join(' ', errors).ShouldNotContain("geheim");
    }

    [Theory]
    [InlineData("")]
    [InlineData("amqp://host")]
    [InlineData("amqp://user@host")]
    [InlineData("amqp://user:a@host,amqp://user:b@other")]
    [InlineData("amqp://user:a@host/one,amqp://user:a@other/two")]
    [InlineData("amqp://user:a@host,amqps://user:a@other")]
    [InlineData("amqp://user:a@host,nothing")]
    public void An_address_that_does_not_say_enough_or_two_things_is_refused(string url) =>
        Check.Validate(null, new EventsOptions { Transport = "RabbitMq", RabbitMq = new() { Url = url } }).Failed.ShouldBeTrue();

    [Theory]
    [InlineData("amqp://user:a@host")]
    [InlineData("amqps://user:a%2Fb@host:5671/booksaga")]
    [InlineData("amqp://user:a@one, amqp://user:a@two:5673")]
    public void An_address_of_a_node_or_of_several_is_taken(string url) =>
        Check.Validate(null, new EventsOptions { Transport = "RabbitMq", RabbitMq = new() { Url = url } }).Succeeded.ShouldBeTrue();
}
