using BookSaga.Hosting.Http;

namespace BookSaga.Identity.Realm;

/// <summary>503 with Retry-After until keys and clients are there; before that not even the authentication can be built.</summary>
internal static class RealmGate
{
    public static void AddRealm(this WebApplicationBuilder builder, IdentitySettings settings)
    {
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(settings.Realm);
        builder.Services.AddSingleton<RealmImport>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RealmImport>());
        builder.Services.AddHealthChecks().AddCheck<RealmImport>("realm");
    }

    /// <summary>Health and metrics answer at any time, past the authentication.</summary>
    public static void UseRealmGate(this WebApplication app)
    {
        RealmImport import = app.Services.GetRequiredService<RealmImport>();
        app.Use((context, next) =>
            import.Done ? next(context)
            : context.Request.Path.Value is "/healthz" or "/readyz" or "/metrics" && context.GetEndpoint()?.RequestDelegate is { } open ? open(context)
            : Problems.WriteUnavailableAsync(context));
    }
}
