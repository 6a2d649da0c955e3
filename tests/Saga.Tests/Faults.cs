using BookSaga.Contracts;
using BookSaga.Contracts.Events;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace BookSaga.Saga.Tests;

/// <summary>Sits in front of a participant and does to a call what a network or a crash does: before its commit or after it.</summary>
public sealed class Faults : Interceptor
{
    // The same steps, when they are asked for by events.
    private static readonly Dictionary<string, string> Steps = new()
    {
        [EventTypes.BookingRequested] = "Reserve",
        [EventTypes.OfferReserved] = "Charge",
        [EventTypes.PaymentCharged] = "Confirm",
        [EventTypes.PaymentRefused] = "Release",
        [EventTypes.PaymentRefunded] = "Release",
        [EventTypes.ConfirmRefused] = "Refund",
    };

    private readonly Dictionary<string, Func<Task>> _before = [];
    private readonly Dictionary<string, Func<Task>> _after = [];

    /// <summary>How often each method was called.</summary>
    public Dictionary<string, int> Calls { get; } = [];

    /// <summary>What happens to every call besides, before it and after it.</summary>
    public Func<Task> Weather { get; set; } = static () => Task.CompletedTask;

    /// <summary>Runs <paramref name="fault"/> before the next call of <paramref name="method"/> (once unless <paramref name="always"/>).</summary>
    public void Before(string method, Func<Task> fault, bool always = false) => Set(_before, method, fault, always);

    /// <summary>Runs <paramref name="fault"/> after the next call of <paramref name="method"/> has committed, before its reply.</summary>
    public void After(string method, Func<Task> fault, bool always = false) => Set(_after, method, fault, always);

    public void Clear()
    {
        lock (Calls)
        {
            _before.Clear();
            _after.Clear();
        }
    }

    /// <summary>The reply, or the call itself, is lost.</summary>
    public static Task Lost() => throw new RpcException(new Status(StatusCode.Unavailable, "lost"));

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        string[] steps = request is EventBatch batch
            ? [.. batch.Events.Select(e => Steps.GetValueOrDefault(e.Type, e.Type))]
            : [context.Method.Split('/')[^1]];
        lock (Calls)
        {
            foreach (string step in steps)
            {
                Calls[step] = Calls.GetValueOrDefault(step) + 1;
            }
        }
        foreach (string step in steps)
        {
            await TakeAsync(_before, step);
        }
        await Weather();
        TResponse response = await continuation(request, context);
        foreach (string step in steps)
        {
            await TakeAsync(_after, step);
        }
        await Weather();
        return response;
    }

    private void Set(Dictionary<string, Func<Task>> faults, string method, Func<Task> fault, bool always)
    {
        lock (Calls)
        {
            faults[method] = always ? fault : () =>
            {
                lock (Calls)
                {
                    faults.Remove(method);
                }
                return fault();
            };
        }
    }

    private Task TakeAsync(Dictionary<string, Func<Task>> faults, string method)
    {
        Func<Task>? fault;
        lock (Calls)
        {
            faults.TryGetValue(method, out fault);
        }
        return fault?.Invoke() ?? Task.CompletedTask;
    }
}
