using System.Collections.Immutable;
using static JointFusion.Experiments.SpecRules;

namespace JointFusion.Experiments;

/// <summary>What must hold for the stages of a spec.</summary>
internal static class StageRules
{
    /// <summary>Keeps an epoch countable; whoever draws a query more often trains on it alone.</summary>
    private const double MostWeight = 1000;

    /// <param name="swept">Key paths that a sweep has set: of these a stage's steps may be 0, which leaves it out.</param>
    public static IEnumerable<BrokenRule> Broken(ExperimentSpec spec, IReadOnlyCollection<string> swept)
    {
        if (spec.Stages.IsEmpty)
            yield return new("an empty list; at least one stage is needed", "stages");
        var steps = 0L;
        foreach (var stage in spec.Stages)
            steps += stage.Steps;
        if (steps > int.MaxValue)
            yield return new($"the steps of all stages add up to more than {int.MaxValue}", "stages");
        if (!spec.Stages.IsEmpty && spec.Stages.All(stage => stage.Steps == 0 && swept.Contains("stages[0].steps")))
            yield return new("0 leaves the stage out, and no other one is left; at least 1", "stages[0].steps");

        var trainedFirst = spec.Stages.TakeWhile(stage => stage.Steps == 0).Count();
        for (var i = 0; i < spec.Stages.Length; i++)
        {
            var name = spec.Stages[i].Name;
            var first = spec.Stages.Select(stage => stage.Name).ToList().IndexOf(name);
            if (first < i)
                yield return new($"'{name}' is the name of stages[{first}] too; results tell stages apart by name", $"stages[{i}].name", $"stages[{first}].name");
            if (i == trainedFirst && spec.Stages[i].MinedNegatives is not null)
                yield return new("the first stage begins with weights that know nothing, so there is nothing to mine with; a later stage can", $"stages[{i}].mined_negatives");
            foreach (var broken in Stage(spec.Stages[i], $"stages[{i}]", spec.Resources.Workers.Max, swept))
                yield return broken;
        }
    }

    private static IEnumerable<BrokenRule> Stage(StageSpec stage, string at, int workers, IReadOnlyCollection<string> swept) =>
    [
        .. Name(stage.Name, $"{at}.name"),
        .. Tasks(stage, $"{at}.tasks"),
        .. AtLeast(swept.Contains($"{at}.steps") ? 0 : 1, stage.Steps, $"{at}.steps"),
        .. GlobalBatch(stage.GlobalBatch, workers, $"{at}.global_batch"),
        .. Part(stage, stage.SubBatch, at, "sub_batch"),
        .. Part(stage, stage.NegativesWithin, at, "negatives_within"),
        .. Weights(stage, at),
        .. Loss(stage, at),
        .. Matryoshka(stage.Matryoshka, $"{at}.matryoshka"),
        .. AtLeast(0, stage.HardNegatives, $"{at}.hard_negatives"),
        .. Mining(stage.MinedNegatives, $"{at}.mined_negatives"),
        .. Positive(stage.LearningRate, $"{at}.learning_rate"),
        .. Positive(stage.ClipNorm, $"{at}.clip_norm"),
        .. AtLeast(0, stage.WeightDecay, $"{at}.weight_decay"),
        .. AtLeast(0, stage.WarmupSteps, $"{at}.warmup_steps"),
        .. Warmup(stage, at),
        .. ParameterRules.Broken(stage, at),
    ];

    private static IEnumerable<BrokenRule> Tasks(StageSpec stage, string path)
    {
        if (stage.Tasks.IsEmpty)
            yield return new($"an empty list; allowed are {KnownTasks.Allowed}", path);
        for (var i = 0; i < stage.Tasks.Length; i++)
        {
            var task = stage.Tasks[i];
            var why = task == 5 ? ": image to image and text, which M-BEIR leaves out" : "";
            if (!KnownTasks.All.ContainsKey(task))
                yield return new($"{task} is not a task{why}; allowed are {KnownTasks.Allowed}", $"{path}[{i}]");
            else if (stage.Tasks.IndexOf(task) < i)
                yield return new($"{task} is listed twice", $"{path}[{i}]");
        }
    }

    private static IEnumerable<BrokenRule> GlobalBatch(int pairs, int workers, string path)
    {
        if (pairs < 2)
            yield return new($"{pairs} is not allowed; at least 2, since a pair's negatives are the other pairs' candidates", path);
        else if (pairs < workers)
            yield return new($"{pairs} pairs leave some of the {workers} workers without one; at least as many pairs as workers", path, "resources.workers");
    }

    /// <param name="rows">Of each part that the global batch is cut into; null: it is not.</param>
    private static IEnumerable<BrokenRule> Part(StageSpec stage, int? rows, string at, string key)
    {
        if (rows < 2 || stage.GlobalBatch % rows > 0)
            yield return new($"{rows} is not allowed; at least 2, and a divisor of {at}.global_batch, {stage.GlobalBatch}", $"{at}.{key}", $"{at}.global_batch");
    }

    private static IEnumerable<BrokenRule> Weights(StageSpec stage, string at)
    {
        var weights = stage.Weights ?? [];
        for (var i = 0; i < weights.Length; i++)
        {
            var (weight, path) = (weights[i], $"{at}.weights[{i}]");
            if (weight is { Task: null, Dataset: null })
                yield return new("it names neither a task nor a dataset, so that it would change nothing", path);
            if (weight.Task is { } task && !stage.Tasks.Contains(task))
                yield return new($"{task} is not one of {at}.tasks: {string.Join(", ", stage.Tasks)}", $"{path}.task", $"{at}.tasks");
            if (weights.Take(i).Any(other => (other.Task, other.Dataset) == (weight.Task, weight.Dataset)))
                yield return new("the same queries have a weight above", path);
            foreach (var broken in Positive(weight.Weight, $"{path}.weight"))
                yield return broken;
            if (weight.Weight > MostWeight)
                yield return new($"{weight.Weight} is not allowed; at most {MostWeight}", $"{path}.weight");
        }
    }

    private static IEnumerable<BrokenRule> Loss(StageSpec stage, string at)
    {
        if (stage is { Loss: Experiments.Loss.Sigmoid, Symmetric: true })
            yield return new("the sigmoid loss is symmetric already; leave it out", $"{at}.symmetric", $"{at}.loss");
    }

    private static IEnumerable<BrokenRule> Matryoshka(ImmutableArray<int>? widths, string at)
    {
        if (widths is { IsEmpty: true })
            yield return new("an empty list asks for nothing; name widths as in [64, 128], or leave the key out", at);
        for (var i = 0; i < (widths?.Length ?? 0); i++)
            if (widths!.Value[i] < (i == 0 ? 1 : widths.Value[i - 1] + 1))
                yield return new($"{widths.Value[i]} is not allowed; {(i == 0 ? "at least 1" : $"more than the {widths.Value[i - 1]} before it")}", $"{at}[{i}]");
    }

    private static IEnumerable<BrokenRule> Mining(NegativeMining? mining, string at)
    {
        if (mining is null)
            yield break;
        foreach (var broken in AtLeast(1, mining.PerQuery, $"{at}.per_query").Concat(AtLeast(Math.Max(1, mining.PerQuery), mining.FromTop, $"{at}.from_top")))
            yield return broken;
        if (mining.BelowPositive is <= 0 or > 1)
            yield return new($"{mining.BelowPositive} is not allowed; above 0 and at most 1, a share of the positive's cosine", $"{at}.below_positive");
    }

    private static IEnumerable<BrokenRule> Warmup(StageSpec stage, string at)
    {
        if (stage.WarmupSteps >= stage.Steps && stage.Steps > 0)
            yield return new(
                $"{stage.WarmupSteps} warm-up steps leave none of the stage's {stage.Steps}; fewer than {stage.Steps} are allowed",
                $"{at}.warmup_steps", $"{at}.steps");
    }
}
