using System.Security.Cryptography;
using System.Text;
using BookSaga.Contracts.Queues;
using RabbitMQ.Client;

namespace BookSaga.Hosting.Tests.Events;

/// <summary>How services get at the broker, and who else may.</summary>
public sealed class BrokerAccessTests(Servers servers)
{
    [Fact]
    public async Task A_message_of_somebody_elses_is_a_dead_letter_and_holds_up_no_event()
    {
        await using Wire wire = await Wire.OpenAsync(servers, broker: true);
        await using IConnection connection = await new ConnectionFactory { Uri = new Uri(servers.Broker.Url) }.CreateConnectionAsync();
        string queue = wire.Settings["Events:RabbitMq:Prefix"] + ".receiver";
        // Who publishes to a queue that its service has not made yet publishes to nobody.
        await Until.TrueAsync(() => IsThereAsync(connection, queue));
        await using IChannel channel = await connection.CreateChannelAsync();
        byte[] noText = [0, 0xFF, 0xFE, 0, 1];
        await channel.BasicPublishAsync("", queue, noText);
        await channel.BasicPublishAsync("", queue, mandatory: true, new BasicProperties { MessageId = "no\0text" }, noText);
        await wire.RecordAsync(1, 10);

        await Until.TrueAsync(async () => await wire.EffectsAsync() == 10 && (await wire.DeadLettersAsync()).Count == 2);

        DeadLetter[] letters = [.. (await wire.DeadLettersAsync()).Select(dead => dead.Letter)];
        letters.Select(l => l.Id).ShouldBe(["sha256:" + Convert.ToHexStringLower(SHA256.HashData(noText)), "no text"], ignoreOrder: true);
        letters.ShouldAllBe(l => l.LastError.StartsWith("no handler", StringComparison.Ordinal));
    }

    private static async Task<bool> IsThereAsync(IConnection connection, string queue)
    {
        // A look for what is not there ends the channel.
        await using IChannel look = await connection.CreateChannelAsync();
        try
        {
            await look.QueueDeclarePassiveAsync(queue);
            return true;
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            return false;
        }
    }

    [Fact]
    public async Task A_dead_letter_carries_its_reason_and_attempts_in_the_broker_while_the_database_cannot_keep_it()
    {
        await using Wire wire = await Wire.OpenAsync(servers, broker: true);
        wire.Consumer.Before = static _ => Task.FromException(new InvalidOperationException("poison"));
        await wire.HoldDeadLettersAsync();
        await wire.RecordAsync(1, 1);
        await Until.TrueAsync(() => wire.Consumer.Came.Count == 5);
        await using IConnection connection = await new ConnectionFactory { Uri = new Uri(servers.Broker.Url) }.CreateConnectionAsync();
        await using IChannel channel = await connection.CreateChannelAsync();
        string queue = wire.Settings["Events:RabbitMq:Prefix"] + ".receiver.dead";
        // The receiver has it in its hands; it lets go when it ends.
        await wire.StopReceiversAsync();
        BasicGetResult? dead = null;
        await Until.TrueAsync(async () => (dead = await channel.BasicGetAsync(queue, autoAck: true)) is not null);

        dead!.BasicProperties.Type.ShouldBe(Consumer.Happened);
        Encoding.UTF8.GetString((byte[])dead.BasicProperties.Headers!["booksaga-reason"]!).ShouldBe("InvalidOperationException: poison");
        dead.BasicProperties.Headers["booksaga-attempts"].ShouldBe(5);
    }

    [Fact]
    public async Task An_event_whose_failure_should_pass_and_does_not_makes_way_while_the_database_answers()
    {
        await using Wire wire = await Wire.OpenAsync(servers, broker: true);
        wire.Consumer.Before = static number => number == 0 ? Task.FromException(new TimeoutException("a statement that takes for ever")) : Task.CompletedTask;
        await wire.RecordAsync(0, 1);
        await Until.TrueAsync(() => !wire.Consumer.Came.IsEmpty);

        await wire.RecordAsync(1, 500);

        await Until.TrueAsync(async () => await wire.EffectsAsync() == 500);
    }

    [Fact]
    public async Task A_wrong_password_loses_nothing_and_says_why()
    {
        await using Wire wire = await Wire.CreateAsync(servers, broker: true);
        string right = wire.Settings["Events:RabbitMq:Url"];
        wire.Settings["Events:RabbitMq:Url"] = $"amqp://booksaga:wrong@127.0.0.1:{servers.Broker.Port}";
        Peer sender = await wire.AddSenderAsync();
        Peer receiver = await wire.AddReceiverAsync();
        await wire.RecordAsync(1, 5);
        using (var http = new HttpClient())
        {
            await Until.TrueAsync(async () => (await http.GetStringAsync($"http://127.0.0.1:{receiver.HttpPort}/readyz")).Contains("ACCESS_REFUSED", StringComparison.Ordinal));
        }
        (await wire.WaitingAsync()).ShouldBe(5);
        await wire.StopAsync(sender);
        await wire.StopAsync(receiver);
        wire.Settings["Events:RabbitMq:Url"] = right;

        await wire.AddReceiverAsync();
        await wire.AddSenderAsync();

        await wire.ArrivedAsync(5);
    }
}
