using System.Collections.Immutable;
using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Tests;

/// <summary>One run's folder made by hand: queries with known ranks, and the rows that follow from them.</summary>
internal sealed record FixtureRun(string Name, Fusion Fusion)
{
    public const int LargestK = 10;

    public int Seed { get; init; } = 7;
    public string Ledger { get; init; } = "ledger-a";
    public string Manifest { get; init; } = "1f2e3d4c5b6a";
    public string Experiment { get; init; } = "fixture";
    public string DataRoot { get; init; } = "data";
    public int PoolSize { get; init; } = 50;
    public int Steps { get; init; } = 40;

    /// <summary>Of both stages.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Names of those that it was trained on.</summary>
    public ImmutableArray<string> Stages { get; init; } = ["adaptation", "instruction"];

    /// <summary>Splits, each with the same queries.</summary>
    public ImmutableArray<string> Splits { get; init; } = ["test"];

    public ImmutableArray<FixtureQuery> Queries { get; init; } = [];

    public void WriteTo(ExperimentFolder folder)
    {
        var run = folder.Run(Name);
        Directory.CreateDirectory(run.Path);
        File.WriteAllText(run.Plan, JsonSerializer.Serialize(Plan(), JointFusionJson.File));
        WriteLines(run.Metrics, Enumerable.Range(1, Steps).Select(Step));
        File.WriteAllText(run.Evaluation, JsonSerializer.Serialize(new EvaluationReport(1, [.. Rows()]), JointFusionJson.File));
        WriteLines(run.Outcomes, Outcomes());
    }

    public IEnumerable<QueryOutcome> Outcomes() =>
        from split in Splits
        from pool in Enum.GetValues<PoolKind>()
        from query in Queries
        select query.Outcome(split, pool);

    /// <summary>For each split, pool, task and operation: the whole query with and without its picture in the pool, and the baselines.</summary>
    public IEnumerable<ResultRow> Rows() =>
        from outcomes in Outcomes().GroupBy(o => (o.Split, o.Pool, o.Task))
        from operation in outcomes.Select(o => o.Operation).Distinct().Append("all")
        let members = outcomes.Where(o => operation == "all" || o.Operation == operation).ToList()
        from inputs in (string[])["query", "image", "text", "pixels"]
        from own in (bool[])[false, true]
        from k in (int[])[1, 5, 10]
        from metric in (string[])["recall", "true_recall"]
        select Row(members, operation, inputs, own, k, metric);

    private ResultRow Row(List<QueryOutcome> members, string operation, string inputs, bool own, int k, string metric)
    {
        var scores = members.Select(o => (o, o.Ranks.First(r => r.Inputs == inputs && r.OwnImageInPool == own)))
            .Select(pair => metric == "recall" ? pair.Item2.Recall(k) : pair.Item2.TrueRecall(k, pair.o.Relevant)).ToList();
        var value = scores.Average();
        var half = 1.96 * Math.Sqrt(value * (1 - value) / scores.Count);
        return new ResultRow
        {
            Run = Name,
            Fusion = inputs == "pixels" ? "pixels" : Fusion.ToString().ToLowerInvariant(),
            Seed = Seed,
            Data = $"icons@{Manifest}",
            Split = members[0].Split,
            Pool = members[0].Pool,
            PoolSize = members[0].Pool == PoolKind.Local ? PoolSize : PoolSize * 3,
            Task = members[0].Task,
            Operation = operation,
            Metric = metric,
            K = k,
            Value = value,
            CiLow = Math.Max(0, value - half),
            CiHigh = Math.Min(1, value + half),
            Queries = members.Count,
            Inputs = inputs == "pixels" ? "image" : inputs,
            Instructions = "first",
            OwnImageInPool = own,
            Targets = "all",
            Stages = "adaptation+instruction",
            Ledger = Ledger,
            Plan = $"plan-of-{Name}",
        };
    }

    private static void WriteLines<T>(string path, IEnumerable<T> records) =>
        File.WriteAllText(path, string.Concat(records.Select(record => JsonSerializer.Serialize(record, JointFusionJson.Line) + "\n")));

    public StepMetrics Step(int step) => new()
    {
        Run = Name,
        Generation = 1,
        Stage = step <= Steps / 4 ? "adaptation" : "instruction",
        Step = step,
        Loss = 5 * Math.Exp(-step / (20.0 + 4 * (int)Fusion)) + 0.6 + 0.25 * Math.Sin(step * 12.9898 * (1 + (int)Fusion)),
        Accuracy = 0.5,
        GradientNorm = 1,
        LearningRate = LearningRate,
        Temperature = 0.07,
        Ledger = Ledger,
        PairsPerSecond = 400,
        MaskedNegatives = 2,
        Seconds = new StepSeconds(0.32, 0.004, 0.1, 0.17, 0.02, 0.015, 0.005),
        ResidentBytes = 400_000_000,
        At = DateTimeOffset.UnixEpoch.AddSeconds(step),
    };

    public RunPlan Plan()
    {
        ImmutableArray<StagePlan> stages =
        [
            new(0, 1, Stage("adaptation", [0, 3], Steps / 4, instructions: false), "lineage-1"),
            new(1, Steps / 4 + 1, Stage("instruction", [0, 3, 6, 7, 8], Steps - Steps / 4, instructions: true), "lineage-2"),
        ];
        var shape = new RetrieverShape
        {
            Fusion = Fusion,
            EmbeddingWidth = 64,
            PatchSize = 8,
            PatchesPerImage = 16,
            VocabularySize = 2000,
            MaxTextTokens = 32,
        };
        return new RunPlan
        {
            Experiment = Experiment,
            Run = Name,
            Seed = Seed,
            Data = new DataPlan(DataSource.Icons, DataRoot, Manifest, 32, 2000, ImmutableSortedDictionary<int, int>.Empty),
            Retriever = new RetrieverPlan(
                Preset.Nano, Fusion.HasOneTower() ? null : Matching.Parameters, 0.07, 0.01, new PixelScale(0.5, 0.5), shape, 812_345 + 1234 * (int)Fusion, 4.1e8),
            Stages = [.. stages.Where(stage => Stages.Contains(stage.Spec.Name))],
            Evaluation = new EvaluationSpec { Splits = Splits },
            Checkpoints = new CheckpointSpec(),
            Resources = new ResourcePlan(2, 1, Device.Cpu),
            Estimates = new PlanEstimates(300_000_000, 4.1e8 * 128 * Steps),
            ScienceHash = $"science-of-{Name}",
            PlanHash = $"plan-of-{Name}",
        };
    }

    private StageSpec Stage(string name, ImmutableArray<int> tasks, int steps, bool instructions) =>
        new() { Name = name, Tasks = tasks, Steps = steps, GlobalBatch = 128, LearningRate = LearningRate, Instructions = instructions };
}

/// <summary>One query and where its one relevant candidate came in; null is beyond the largest k.</summary>
internal sealed record FixtureQuery(string Id, int Task, string Operation, string Concept, int? Rank)
{
    public int? RankByImage { get; init; }
    public int? RankByText { get; init; }
    public int? RankByPixels { get; init; }

    public QueryOutcome Outcome(string split, PoolKind pool) => new()
    {
        QueryId = $"{split}:{Id}",
        Split = split,
        Pool = pool,
        Task = Task,
        Operation = Operation,
        Concept = Concept,
        TargetSeen = false,
        Relevant = 1,
        Ranks =
        [
            // With its own picture in the pool, that picture comes first and all else one later.
            .. Ranks("query", Rank), .. Ranks("image", RankByImage), .. Ranks("text", RankByText), .. Ranks("pixels", RankByPixels),
        ],
        Top = pool == PoolKind.Local ? [.. Enumerable.Range(1, 5).Select(r => r == Rank ? $"wanted:{Id}" : $"other:{Id}:{r}")] : [],
    };

    private static IEnumerable<OutcomeRanks> Ranks(string inputs, int? rank) =>
        [new(inputs, false, Found(rank)), new(inputs, true, Found(rank + 1))];

    private static ImmutableArray<int> Found(int? rank) => rank is { } r and <= FixtureRun.LargestK ? [r] : [];
}
