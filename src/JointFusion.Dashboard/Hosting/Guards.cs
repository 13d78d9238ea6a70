using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace JointFusion.Dashboard;

/// <summary>Where whatever we serve listens, and what every request has to pass.</summary>
internal static class Guards
{
    public static void Listen(KestrelServerOptions kestrel, DashboardOptions options)
    {
        if (options.Secure is not { } secure)
        {
            kestrel.Listen(LoopbackAddress.Of(options.Url), options.Url.Port);
            return;
        }
        kestrel.Listen(secure.Address, secure.Url.Port, listener => listener.UseHttps(https =>
        {
            https.ServerCertificate = secure.Identity.Certificate;
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.ClientCertificateValidation = (shown, _, _) => secure.Identity.Accepts(shown);
        }));
    }

    /// <summary>What they need.</summary>
    public static void AddGuards(this IServiceCollection services, DashboardOptions options, TimeProvider clock)
    {
        services.AddSingleton(options).AddSingleton(options.Loggers).AddSingleton(clock).AddLogging();
        services.AddSingleton<Callers>().AddSingleton<HandOver>().AddSingleton<OpenRequests>().AddSingleton<RefusalNotes>().AddHostedService(all => all.GetRequiredService<OpenRequests>());
    }

    public static void UseGuards(this WebApplication app, DashboardOptions options)
    {
        if (options.Secure is null)
            app.UseMiddleware<LoopbackGuard>();
        else
            app.UseMiddleware<OriginGuard>();
        app.UseMiddleware<TokenGuard>();
        app.UseMiddleware<ClosingGuard>();
    }
}
