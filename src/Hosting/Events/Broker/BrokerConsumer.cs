using BookSaga.Hosting.Data;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;

namespace BookSaga.Hosting.Events.Broker;

/// <summary>Keeps this service at its queues: connects, declares, reads until something breaks, and begins again after a growing pause.</summary>
internal sealed partial class BrokerConsumer(
    EventIntake intake, DeadLetterBox dead, BrokerConnections connections, BrokerState state, IOptions<EventsOptions> options, Migrator migrator, TimeProvider time,
    ILogger<BrokerConsumer> logger) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1); // a saga may wait for it
    private static readonly TimeSpan MeasureInterval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migrator.Completion.WaitAsync(stoppingToken);
        TimeSpan pause = FirstPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ReadAsync(stoppingToken);
            }
            // No failure ends the reading: what is not acknowledged is delivered again.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                pause = state.WasHere ? FirstPause : pause;
                state.Leave(BrokerConnections.Reason(e));
                LogLost(BrokerConnections.Reason(e), pause.TotalSeconds);
                await Task.Delay(pause, time, stoppingToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private async Task ReadAsync(CancellationToken stop)
    {
        IConnection connection = await connections.OpenAsync("takes", stop);
        try
        {
            IChannel channel = await connection.CreateChannelAsync(cancellationToken: stop);
            await intake.Queues.DeclareAsync(channel, stop);
            state.Enter();
            LogConnected(connection.Endpoint.HostName, connection.Endpoint.Port);
            await ReadAsync(connection, channel, stop);
        }
        finally
        {
            await BrokerConnections.CloseAsync(connection);
        }
    }

    // Until one of them ends. What the others are storing then is stored before anything is read anew.
    private async Task ReadAsync(IConnection connection, IChannel channel, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        int prefetch = options.Value.RabbitMq.Prefetch;
        Task[] parts =
        [
            QueueReader.RunAsync(connection, intake.Queues.Main, prefetch, intake.TakeAsync, end.Token),
            QueueReader.RunAsync(connection, intake.Queues.Dead, prefetch, dead.KeepAsync, end.Token),
            MeasureAsync(channel, end.Token),
        ];
        Task first = await Task.WhenAny(parts);
        await end.CancelAsync();
        await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
    }

    private async Task MeasureAsync(IChannel channel, CancellationToken ct)
    {
        for (BrokerQueues queues = intake.Queues; ; await Task.Delay(MeasureInterval, time, ct))
        {
            state.Measured(
                await channel.MessageCountAsync(queues.Main, ct),
                await channel.MessageCountAsync(queues.Retry, ct),
                await channel.MessageCountAsync(queues.Dead, ct));
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Taking events from the broker {Host}:{Port}")]
    private partial void LogConnected(string host, int port);

    [LoggerMessage(2, LogLevel.Warning, "The broker is lost, trying again in {Seconds} s: {Reason}")]
    private partial void LogLost(string reason, double seconds);
}
