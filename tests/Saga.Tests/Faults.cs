using Grpc.Core;
using Grpc.Core.Interceptors;

namespace BookSaga.Saga.Tests;

/// <summary>Sits in front of a participant and does to a call what a network or a crash does: before its commit or after it.</summary>
public sealed class Faults : Interceptor
{
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
        string method = context.Method.Split('/')[^1];
        lock (Calls)
        {
            Calls[method] = Calls.GetValueOrDefault(method) + 1;
        }
        await TakeAsync(_before, method);
        await Weather();
        TResponse response = await continuation(request, context);
        await TakeAsync(_after, method);
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
