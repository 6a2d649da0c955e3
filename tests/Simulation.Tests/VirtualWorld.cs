namespace BookSaga.Simulation.Tests;

/// <summary>
/// One thread, one seed, no real time: continuations that are ready run in an order that the seed picks, and when none is ready the
/// clock jumps to the next timer. The same seed gives the same run.
/// </summary>
internal sealed class VirtualWorld(int seed) : SynchronizationContext
{
    private static readonly DateTimeOffset Epoch = new(2031, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly List<(SendOrPostCallback Callback, object? State)> _ready = [];
    private readonly PriorityQueue<VirtualTimer, (long Due, long Order)> _timers = new();
    private long _order;

    internal Random Random { get; } = new(seed);

    /// <summary>Ticks since the beginning.</summary>
    internal long Now { get; private set; }

    /// <summary>The first exception that nobody awaited.</summary>
    internal Exception? Failure { get; set; }

    /// <summary>A clock that is off by <paramref name="skew"/>, as some process's is.</summary>
    internal TimeProvider Clock(TimeSpan skew) => new VirtualClock(this, skew);

    /// <summary>True once in <paramref name="oneIn"/> times.</summary>
    internal bool Chance(int oneIn) => oneIn > 0 && Random.Next(oneIn) == 0;

    /// <summary>Runs until nothing is left to do or <paramref name="limit"/> has passed.</summary>
    internal void Run(Func<Task> start, TimeSpan limit)
    {
        SynchronizationContext? before = Current;
        SetSynchronizationContext(this);
        try
        {
            Watch(start());
            while (Failure is null && Now < limit.Ticks && Step())
            {
            }
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <summary>Starts work that nobody awaits; an exception of it ends the run.</summary>
    internal void Watch(Task task) => _ = task.ContinueWith(
        t => Failure ??= t.Exception!.InnerException, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    /// <summary>A pause in virtual time.</summary>
    internal Task Delay(TimeSpan pause) => Task.Delay(pause, new VirtualClock(this, TimeSpan.Zero));

    public override void Post(SendOrPostCallback d, object? state) => _ready.Add((d, state));

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    private bool Step()
    {
        if (_ready.Count > 0)
        {
            int pick = Random.Next(_ready.Count);
            (SendOrPostCallback callback, object? state) = _ready[pick];
            _ready.RemoveAt(pick);
            callback(state);
            return true;
        }
        if (_timers.TryDequeue(out VirtualTimer? timer, out (long Due, long Order) at))
        {
            Now = Math.Max(Now, at.Due);
            timer.Fire(at.Order);
            return true;
        }
        return false;
    }

    private sealed class VirtualClock(VirtualWorld world, TimeSpan skew) : TimeProvider
    {
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => world.Now;

        public override DateTimeOffset GetUtcNow() => Epoch + skew + TimeSpan.FromTicks(world.Now);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new VirtualTimer(world, callback, state);
            timer.Change(dueTime, period);
            return timer;
        }
    }

    private sealed class VirtualTimer(VirtualWorld world, TimerCallback callback, object? state) : ITimer
    {
        private long _armed = -1;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _armed = -1;
            if (dueTime >= TimeSpan.Zero)
            {
                _armed = world._order++;
                world._timers.Enqueue(this, (world.Now + dueTime.Ticks, _armed));
            }
            return true;
        }

        public void Fire(long order)
        {
            if (order == _armed)
            {
                _armed = -1;
                callback(state);
            }
        }

        public void Dispose() => _armed = -1;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
