using System.Collections.Immutable;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

/// <summary>The pages of a server over a cluster that does what the test says.</summary>
internal sealed class ServedPages : IAsyncDisposable
{
    private readonly TemporaryExperiment experiment = new();
    private readonly DashboardOptions options;
    private readonly string tokens = Path.Combine(Directory.CreateTempSubdirectory("jointfusion-pages-").FullName, "tokens.json");

    private ServedPages(params FixtureRun[] runs)
    {
        Runs = runs;
        foreach (var run in runs)
            run.WriteTo(experiment.Folder);
        Tokens = new TokenBook(tokens);
        options = new DashboardOptions { Command = "jf serve", Owner = "root", Tokens = Tokens };
        Desk = new FakeDesk(experiment.Folder, () => LiveCluster.Empty);
    }

    public FixtureRun[] Runs { get; }

    public FakeFeed Feed { get; } = new();

    public FakeDesk Desk { get; }

    public TokenBook Tokens { get; }

    public ExperimentFolder Folder => experiment.Folder;

    public DashboardHost Host { get; private set; } = null!;

    /// <param name="runs">Of the experiment "one".</param>
    public static async Task<ServedPages> StartAsync(params FixtureRun[] runs)
    {
        var pages = new ServedPages(runs);
        pages.Host = await DashboardHost.StartAsync(
            pages.options, pages.Feed, new LiveSource("lab", IsOneExperiment: false, name => pages.Folder.Run(name.Split('/')[^1])), pages.Desk, TimeProvider.System,
            TestContext.Current.CancellationToken);
        return pages;
    }

    /// <summary>What the feed says of a fixture's step.</summary>
    public void Step(FixtureRun run, int step, DateTimeOffset? at = null)
    {
        var metrics = run.Step(step);
        Feed.Step(metrics with
        {
            Run = $"one/{run.Name}",
            At = at ?? metrics.At,
            Margin = 0.2 * (1 - Math.Exp(-step / 90.0)),
            Temperature = 0.07 - (step * 5e-5),
            LossByTask = ImmutableSortedDictionary<int, double>.Empty.Add(0, metrics.Loss * 0.9).Add(7, metrics.Loss * 1.2),
        });
    }

    /// <summary>A whole checkpoint, as far as a page looks at it.</summary>
    public void Checkpoint(FixtureRun run, int step)
    {
        var folder = Directory.CreateDirectory(Folder.Run(run.Name).Checkpoint(step)).FullName;
        File.WriteAllText(
            Path.Combine(folder, "manifest.json"),
            $$"""{"schema":1,"run":"{{run.Name}}","science_hash":"s","plan_hash":"p","generation":1,"step":{{step}},"stage":"instruction","ledger":"l","loss":1.25,"world_size":2,"files":[{"name":"model.safetensors","bytes":1650000,"sha256":"a"}]}""");
    }

    public void Log(FixtureRun run, int rank, params string[] lines) =>
        File.WriteAllLines(Path.Combine(Directory.CreateDirectory(Folder.Run(run.Name).Logs).FullName, $"rank-{rank}.log"), lines);

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        experiment.Dispose();
        Directory.Delete(Path.GetDirectoryName(tokens)!, recursive: true);
    }
}
