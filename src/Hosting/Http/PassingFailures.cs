using Grpc.Core;
using Grpc.Core.Interceptors;

namespace BookSaga.Hosting.Http;

/// <summary>Tells callers of the internal port what will pass (a database that is away): UNAVAILABLE, which is answered 503 in their turn, not 500.</summary>
internal sealed class PassingFailures : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception e) when (e is not RpcException && PassingFailure.Is(e))
        {
            throw new RpcException(new Status(StatusCode.Unavailable, e.Message));
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception e) when (e is not RpcException && PassingFailure.Is(e))
        {
            throw new RpcException(new Status(StatusCode.Unavailable, e.Message));
        }
    }
}
