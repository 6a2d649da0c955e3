using BookSaga.Contracts.Booking;
using BookSaga.Contracts.Payment;
using Grpc.Core;

namespace BookSaga.Simulation.Tests;

/// <summary>Carries one process's calls to the participants: loses them and their replies, delays, repeats and reorders them, and fails whole batches.</summary>
internal sealed class SimulatedNetwork(Run run, SimulatedProcess process) : CallInvoker
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        TimeSpan patience = options.Deadline!.Value - process.Clock.GetUtcNow().UtcDateTime;
        return new AsyncUnaryCall<TResponse>(
            CallAsync<TResponse>(method.Name, request, patience), Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        throw new NotSupportedException();

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        throw new NotSupportedException();

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) =>
        throw new NotSupportedException();

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) =>
        throw new NotSupportedException();

    private async Task<TResponse> CallAsync<TResponse>(string method, object request, TimeSpan patience)
    {
        await process.PauseOrDieAsync();
        Task<object?> answer = TravelAsync(method, request);
        await Task.WhenAny(answer, run.World.Delay(patience));
        await process.PauseOrDieAsync();
        if (answer.IsCompletedSuccessfully && await answer is TResponse response)
        {
            return response;
        }
        return Misread(method) is TResponse wrong ? wrong : throw new RpcException(new Status(answer.IsFaulted ? StatusCode.Unavailable : StatusCode.DeadlineExceeded, "no answer"));
    }

    // What arrives late is still carried out: nobody calls a message back.
    private async Task<object?> TravelAsync(string method, object request)
    {
        if (run.Fault(25))
        {
            return null;
        }
        await run.World.Delay(run.Latency());
        if (run.Fault(25))
        {
            run.World.Watch(AgainAsync(method, request));
        }
        if (run.Fault(40))
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "crashed before its commit"));
        }
        object answer = run.Handle(method, request);
        if (run.Fault(25))
        {
            return null;
        }
        await run.World.Delay(run.Latency());
        return answer;
    }

    private async Task AgainAsync(string method, object request)
    {
        await run.World.Delay(run.Latency() * 3);
        run.Handle(method, request);
    }

    // The deliberate mistakes of a caller who takes silence for an answer.
    private object? Misread(string method) => (run.Bug, method) switch
    {
        (Bug.LostChargeCountsAsRefused, "Charge") => new PaymentOutcomes { Outcomes = { new PaymentOutcome { Code = PaymentOutcome.Types.Code.Refused, Reason = "insufficient_funds" } } },
        (Bug.LostChargeCountsAsCharged, "Charge") => new PaymentOutcomes { Outcomes = { new PaymentOutcome { Code = PaymentOutcome.Types.Code.Charged } } },
        (Bug.LostConfirmCountsAsGone, "Confirm") => new ClaimOutcomes { Outcomes = { new ClaimOutcome { Code = ClaimOutcome.Types.Code.Gone } } },
        _ => null,
    };
}
