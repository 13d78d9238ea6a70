using Microsoft.Extensions.Hosting;

namespace JointFusion.Orchestration;

/// <summary>The caller starts and stops what is hosted; Ctrl-C is the caller's to handle.</summary>
internal sealed class CallerLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
