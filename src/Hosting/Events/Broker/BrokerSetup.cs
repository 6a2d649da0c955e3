using BookSaga.Hosting.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Hosting.Events.Broker;

/// <summary>Registers what both ends of an event need, whichever transport is set.</summary>
internal static class BrokerSetup
{
    /// <summary>Binds <c>Events:*</c>; a start with wrong settings ends with all of what is wrong.</summary>
    /// <returns>Whether this process sends through the broker.</returns>
    internal static bool AddEventTransport(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<EventsOptions>().BindConfiguration("Events").ValidateOnStart();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<EventsOptions>, EventsOptionsCheck>());
        builder.Services.TryAddSingleton<BrokerConnections>();
        return builder.Configuration["Events:Transport"] == EventsOptions.Broker;
    }

    /// <summary>The receiving end: takes from the broker where one is set, and keeps what could not be taken.</summary>
    internal static void AddEventIntake(this WebApplicationBuilder builder)
    {
        if (builder.Services.Any(s => s.ServiceType == typeof(EventDispatch)))
        {
            return;
        }
        builder.AddEventTransport();
        builder.Services.AddSingleton<EventDispatch>();
        builder.Services.AddSingleton(new SharedMigration("0000_dead_letters.sql"));
        builder.Services.AddSingleton(services => new DeadLetterBox(
            services.GetRequiredService<NpgsqlDataSource>(), services.GetRequiredService<ServiceName>(), services.GetRequiredService<EventDispatch>(),
            services.GetRequiredService<TimeProvider>(), services.GetService<BrokerState>()));
        builder.Services.AddHostedService<DeadLetterRetry>();
        if (builder.Configuration["Events:RabbitMq:Url"] is { Length: > 0 })
        {
            builder.Services.AddSingleton<BrokerState>();
            builder.Services.AddSingleton<EventIntake>();
            builder.Services.AddHostedService<BrokerConsumer>();
            builder.Services.AddHealthChecks().AddCheck<BrokerState>("broker");
        }
    }
}
