using System.Text.Json;
using JointFusion.Experiments;
using JointFusion.Training;
using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>Of every ablation the last run, two steps of it on the cards, by two ranks: what stays of it is all but sizes and data.</summary>
public sealed class AblationRunTests : IDisposable
{
    private const int Batch = 8, Workers = 2;
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "ablations");

    private readonly CardSet cards = new();
    private readonly TemporaryFolder root = new();

    public static TheoryData<string> Names => [.. Directory.GetFiles(Folder, "*.yaml").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    public void Dispose()
    {
        root.Dispose();
        cards.Dispose();
    }

    [Fact]
    public void Should_FindTheSpecs_When_TheyAreBesideTheTests() => Assert.Equal(10, Names.Count);

    [Theory, MemberData(nameof(Names))]
    public void Should_TakeTwoStepsAndBeEvaluated_When_TheDataIsTiny(string name)
    {
        var last = SweepExpander.Expand(SpecLoader.Load(Path.Combine(Folder, $"{name}.yaml")).Spec!).Runs[^1];
        var plan = ExperimentPlanner.Plan(Small(last.Spec), last.Name, cards.Summary, cores: Workers).Plan!;
        var folder = new RunFolder(root.Path);
        File.WriteAllText(folder.Plan, JsonSerializer.Serialize(plan, JointFusionJson.File));
        RankThreads.Run(Workers, group => new TrainingRun(plan, folder, 1, group, new RunDataCache(), new RecordedEvents(_ => { })).Execute(null, CancellationToken.None));

        var metrics = File.ReadLines(folder.Metrics).Select(line => JsonSerializer.Deserialize<StepMetrics>(line, JointFusionJson.Line)!).ToArray();
        Assert.Equal([1, 2], metrics.Select(step => step.Step));
        Assert.All(metrics, step => Assert.True(double.IsFinite(step.Loss) && step.GradientNorm > 0));
        Assert.NotEmpty(File.ReadLines(folder.Outcomes));
    }

    private ExperimentSpec Small(ExperimentSpec spec) => spec with
    {
        Data = spec.Data with { Source = DataSource.Mbeir, Root = cards.Root },
        Stages = [.. spec.Stages.Select(stage => Small(stage, 2 / spec.Stages.Length))],
        Evaluation = spec.Evaluation with { Splits = ["val"] },
        Resources = spec.Resources with { Workers = Workers, ChunkSize = spec.Resources.ChunkSize is null ? null : Batch / 2 },
    };

    private static StageSpec Small(StageSpec stage, int steps) => stage with
    {
        Tasks = [0, 3],
        Steps = steps,
        GlobalBatch = Batch,
        SubBatch = null,
        NegativesWithin = stage.NegativesWithin is null ? null : Batch / 4,
        WarmupSteps = 0,
    };
}
