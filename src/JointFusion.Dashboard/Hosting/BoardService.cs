using Microsoft.Extensions.Hosting;

namespace JointFusion.Dashboard;

/// <summary>Keeps the board following the cluster for as long as the page is served.</summary>
internal sealed class BoardService(LiveBoard board) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => board.FollowAsync(stoppingToken);
}
