using Microsoft.Extensions.Options;

namespace BookSaga.Customer.Profiles;

/// <summary>Registers the way out that <c>Sms:*</c> names; a start with wrong settings ends with all of what is wrong.</summary>
internal static class SmsSetup
{
    internal static void AddSms(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<SmsOptions>().BindConfiguration("Sms").ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<SmsOptions>, SmsOptionsCheck>();
        builder.Services.AddHttpClient(TwilioPhoneCodeSender.Client)
            .ConfigureHttpClient((services, client) => client.Timeout = services.GetRequiredService<IOptions<SmsOptions>>().Value.Timeout)
            .ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            })
            .RemoveAllLoggers();
        builder.Services.AddSingleton<IPhoneCodeSender>(services => services.GetRequiredService<IOptions<SmsOptions>>().Value.Provider switch
        {
            SmsProvider.File => ActivatorUtilities.CreateInstance<FilePhoneCodeSender>(services),
            SmsProvider.Twilio => ActivatorUtilities.CreateInstance<TwilioPhoneCodeSender>(services),
            _ => ActivatorUtilities.CreateInstance<LogPhoneCodeSender>(services),
        });
    }
}
