using JointFusion.Dashboard;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>The live page of an experiment, if there is to be one. Outlives the cluster, so that it can say how the experiment ended.</summary>
/// <param name="options">Null serves no page.</param>
internal sealed class LivePage(DashboardOptions? options, CliContext context, ExperimentFolder folder) : IAsyncDisposable
{
    private DashboardHost? host;

    /// <summary>For this user's browser.</summary>
    /// <param name="option">That gave the address, for messages.</param>
    /// <param name="url">Null for a free port.</param>
    /// <exception cref="BadInputException">It is no loopback address, or the user's token cannot be kept.</exception>
    public static DashboardOptions Options(string option, string? url)
    {
        try
        {
            var options = new DashboardOptions { Token = TokenFile.Open(UserFolders.State) };
            return url is null ? options : options with { Url = new Uri(url) };
        }
        catch (UriFormatException)
        {
            throw new BadInputException($"{option} {url}: not a loopback address such as http://127.0.0.1:8080.");
        }
        catch (Exception refused) when (refused is ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{option}: {refused.Message}");
        }
    }

    /// <exception cref="BadInputException">The port is taken.</exception>
    public async Task ServeAsync(LocalCluster cluster)
    {
        if (options is null)
            return;
        try
        {
            host = await DashboardHost.StartAsync(options, new ClusterLiveFeed(cluster), folder, TimeProvider.System);
        }
        catch (IOException taken)
        {
            throw new BadInputException($"--dashboard {options.Url}: {taken.Message} Give another port, or none for a free one. The runs have not begun: jf run --resume {folder.Path}");
        }
        await context.RawOut.WriteLineAsync($"Live page: {host.Link}");
    }

    /// <summary>No run will change any more.</summary>
    public void Settle(ClusterSnapshot end) => host?.Settle(ClusterLiveFeed.View(end));

    /// <summary>Leaves these words on every open page.</summary>
    public Task EndAsync(string words) => host?.EndAsync(words) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => host?.DisposeAsync() ?? ValueTask.CompletedTask;
}
