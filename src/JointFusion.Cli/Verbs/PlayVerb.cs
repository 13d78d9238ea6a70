using System.CommandLine;
using JointFusion.Dashboard;
using JointFusion.Data;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary><c>jf play</c>: the playground over the retrievers that an experiment of <c>jf run</c> has trained.</summary>
public sealed class PlayVerb(CliContext context) : Verb
{
    private readonly Argument<string> folder = new("FOLDER") { Description = "An experiment's folder, as 'jf run' named it." };
    private readonly Option<string> listen = new("--listen") { Description = "A loopback address of your choice, such as http://127.0.0.1:8080. Default: a free port.", HelpName = "URL", DefaultValueFactory = _ => "http://127.0.0.1:0" };

    public override IReadOnlyList<Example> Examples => [new("jf play runs/quickstart-<time>", "ask what the quickstart has trained, early and late side by side")];

    protected override Command Declare()
    {
        var command = new Command(
            "play",
            "Ask trained retrievers in a browser: words, a picture or both to two checkpoints side by side, and what an evaluation got wrong as pictures. "
            + "Nothing is trained or changed; Ctrl-C ends it. The first question to a checkpoint embeds its data set, which is kept in the data cache.")
        {
            folder, listen,
        };
        command.SetAction((parsed, _) => RunAsync(new ExperimentFolder(Path.TrimEndingDirectorySeparator(Path.GetFullPath(parsed.GetRequiredValue(folder)))), parsed.GetValue(listen)!));
        return command;
    }

    private async Task<int> RunAsync(ExperimentFolder experiment, string url)
    {
        if (!Directory.Exists(experiment.Runs) || !Directory.EnumerateDirectories(experiment.Runs).Any())
            throw new BadInputException($"{experiment.Path}: not an experiment's folder (no runs/ in it). Give the folder that 'jf run' named when it began.");
        using var interruption = new Interruption();
        await using var retrievers = new ServedRetrievers(_ => experiment, Path.Combine(UserFolders.State, "queries.log"), context.Cores);
        await using var host = await HostAsync(LivePage.Options("--listen", url) with { Command = "jf play", Landing = "playground" }, experiment, retrievers, interruption.Requested);
        await context.RawOut.WriteLineAsync($"Live page: {host.Link}");
        await context.RawOut.WriteLineAsync("Ctrl-C ends it.");
        await Task.Delay(Timeout.Infinite, interruption.Requested).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return ExitCode.Ok;
    }

    private static async Task<DashboardHost> HostAsync(DashboardOptions options, ExperimentFolder experiment, IRetrievers retrievers, CancellationToken stop)
    {
        try
        {
            return await DashboardHost.StartAsync(options, new StillFeed(experiment), experiment, retrievers, TimeProvider.System, stop);
        }
        catch (IOException taken)
        {
            throw new BadInputException($"--listen {options.Url}: {taken.Message} Give another port, or none for a free one.");
        }
    }
}
