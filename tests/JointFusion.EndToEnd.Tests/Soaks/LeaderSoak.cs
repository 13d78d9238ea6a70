using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>
/// Three servers and three agents; the leader is killed ten times in a row during twelve runs, each time started again: how, and its outcome: leader-soak.md
/// beside this file. Minutes long, so it runs only when asked for.
/// </summary>
public sealed class LeaderSoak(PostgresServer postgres, ITestOutputHelper output) : IClassFixture<PostgresServer>
{
    private const int Kills = 10, Servers = 3, Agents = 3, StepsBetween = 12, StepsOfRun = 160;
    private static readonly string[] Fusions = ["early", "score", "feature"];
    private static readonly int[] Seeds = [3, 4, 5, 6];

    private readonly string data = TinySet.Create();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task Should_EndWithTwelveResultsOfTheSameBits_When_TheLeaderIsKilledTenTimesInARow()
    {
        postgres.Require();
        var undisturbed = NewSweep();
        var ended = await undisturbed.RunAsync();
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
        var journal = await postgres.DatabaseAsync();
        await using var team = new ServerTeam(data, journal);
        var spec = await BeginAsync(team);

        var table = new StringBuilder("| # | killed | runs over | steps taken | another's turn begins after | it answers as the leader after | all agents are back after | steps taken until then |\n|--:|---|--:|--:|--:|--:|--:|--:|\n");
        for (var kill = 1; kill <= Kills; kill++)
            table.AppendLine(await KillAsync(team, kill));
        ended = await team.Cluster.RunAsync("submit", spec, "--name", "sweep", "--wait"); // Known already: waits for the end alone.
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);

        output.WriteLine(table.ToString());
        if (Environment.GetEnvironmentVariable("JF_SOAK_OUT") is { } file)
            await File.WriteAllTextAsync(file, table.ToString(), Cancel);
        var sweep = team.Cluster.Experiment("sweep");
        var runs = Directory.GetDirectories(sweep.Runs).Select(Path.GetFileName).Order().ToArray();
        Assert.Equal(Fusions.Length * Seeds.Length, runs.Length);
        Assert.Equal(Directory.GetDirectories(undisturbed.Result.Runs).Select(Path.GetFileName).Order(), runs);
        Assert.All(runs, run => Assert.Null(Difference(undisturbed.Result.Run(run!), sweep.Run(run!))));
        var written = await PostgresServer.ColumnAsync<string>(journal, "SELECT manifest FROM journal");
        Assert.Equal((runs.Length, runs.Length), (Count("run-submitted"), Count("run-succeeded")));
        Assert.True(Count("term-begun") > Kills);
        Assert.Equal(runs.Length, Trained(await File.ReadAllTextAsync(sweep.Results, Cancel)).Distinct().Count());

        int Count(string kind) => written.Count(manifest => manifest == kind);
    }

    private SmallExperiment NewSweep() => new(data, workers: 1, fusions: string.Join(", ", Fusions), seeds: Seeds, steps: StepsOfRun);

    /// <returns>The runs that have rows.</returns>
    private static IEnumerable<string?> Trained(string results) =>
        from row in JsonDocument.Parse(results).RootElement.GetProperty("rows").EnumerateArray()
        where row.GetProperty("fusion").GetString() != "pixels"
        select row.GetProperty("run").GetString();

    /// <returns>The spec of what was submitted.</returns>
    private async Task<string> BeginAsync(ServerTeam team)
    {
        for (var server = 0; server < Servers; server++)
            await team.StartServerAsync();
        for (var agent = 0; agent < Agents; agent++)
            await team.Cluster.StartAgentAsync($"node{agent}", cores: Environment.ProcessorCount);
        var sweep = NewSweep();
        var submitted = await team.Cluster.RunAsync("submit", sweep.Spec, "--name", "sweep");
        Assert.True(submitted.ExitCode == 0, submitted.Output + submitted.Errors);
        return sweep.Spec;
    }

    private static async Task<string> KillAsync(ServerTeam team, int number)
    {
        var enough = Steps(team) + StepsBetween;
        while (Steps(team) < enough)
        {
            Assert.True(Over(team) < Fusions.Length * Seeds.Length, $"The sweep was over before kill {number}.");
            await Task.Delay(20, Cancel);
        }
        var leader = await team.LeaderAsync();
        var (over, before) = (Over(team), Steps(team));

        var since = Stopwatch.GetTimestamp();
        await ServedCluster.KillAsync(team[leader]);
        var turning = TurnAsync(team, leader, since);
        var next = await team.LeaderAsync(but: leader);
        var leads = Stopwatch.GetElapsedTime(since);
        await team.NodesAsync(next, Agents);
        var whole = Stopwatch.GetElapsedTime(since);
        var after = Steps(team);
        var turn = await turning;
        await team.StartServerAsync(leader);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {number} | {team.Urls.ToList().IndexOf(leader) + 1} | {over} | {before} | {turn.TotalSeconds:F1} s | {leads.TotalSeconds:F1} s | {whole.TotalSeconds:F1} s | {after - before} |");
    }

    /// <summary>Until one of the others says that it leads: what the lease takes, apart from what a new coordinator takes to start. Each of them leads for the first time, since who has led was killed.</summary>
    private static async Task<TimeSpan> TurnAsync(ServerTeam team, string killed, long since)
    {
        await await Task.WhenAny(team.Urls.Where(url => url != killed).Select(url => team[url].LineAsync("Leads (term ")));
        return Stopwatch.GetElapsedTime(since);
    }

    private static IEnumerable<RunFolder> Runs(ServerTeam team) => Directory.GetDirectories(team.Cluster.Experiment("sweep").Runs).Select(path => new RunFolder(path));

    private static int Steps(ServerTeam team) => Runs(team).Where(run => File.Exists(run.Metrics)).Sum(run => File.ReadLines(run.Metrics).Count());

    private static int Over(ServerTeam team) => Runs(team).Count(run => File.Exists(run.Evaluation));

    /// <summary>The first thing that is not the same to the bit; null: all is.</summary>
    private static string? Difference(RunFolder expected, RunFolder actual) =>
        !Bits(expected).SequenceEqual(Bits(actual)) ? "steps"
        : !FinalWeights(expected).AsSpan().SequenceEqual(FinalWeights(actual)) ? "weights"
        : File.ReadAllText(expected.Outcomes) != File.ReadAllText(actual.Outcomes) ? "outcomes"
        : File.ReadAllText(expected.Evaluation) != File.ReadAllText(actual.Evaluation) ? "evaluation"
        : null;

    private static IEnumerable<(int, double, double, string)> Bits(RunFolder run) =>
        SmallExperiment.MetricsOf(run).Select(step => (step.Step, step.Loss, step.GradientNorm, step.Ledger));

    private static byte[] FinalWeights(RunFolder run) => File.ReadAllBytes(Path.Combine(run.Checkpoint(StepsOfRun), "weights.safetensors"));
}
