using Microsoft.Extensions.DependencyInjection;

namespace JointFusion.Dashboard;

internal static class ServerMonitoring
{
    public static IServiceCollection AddServerMetrics(this IServiceCollection services) =>
        services.AddSingleton<DecisionHistogram>().AddHostedService(all => all.GetRequiredService<DecisionHistogram>()).AddSingleton<ServerMetrics>();
}
