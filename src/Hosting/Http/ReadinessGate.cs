using BookSaga.Hosting.Data;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace BookSaga.Hosting.Http;

/// <summary>503 with Retry-After until the database is migrated; health and metrics answer all the same.</summary>
internal sealed class ReadinessGate(RequestDelegate next, IServiceProvider services)
{
    private readonly Migrator? _migrator = services.GetService<Migrator>();

    public Task InvokeAsync(HttpContext context) =>
        _migrator is { Done: false } && !IsOpen(context.Request.Path)
            ? Problems.WriteUnavailableAsync(context)
            : next(context);

    private static bool IsOpen(PathString path) =>
        path.Value is "/healthz" or "/readyz" or "/metrics" or "/openapi/v1.json";
}
