using Microsoft.Extensions.Hosting;

namespace JointFusion.Dashboard;

/// <summary>Leaves signals alone: Ctrl-C belongs to the process, which ends this host when its runs have saved.</summary>
internal sealed class HostedByCaller : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
