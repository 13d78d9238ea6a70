using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>The runs of a sweep: each trial of <see cref="Random"/>, at each point of <see cref="Grid"/>, with each row of <see cref="Zip"/>.</summary>
public sealed record SweepSpec
{
    /// <summary>Key path into the spec (such as <c>retriever.fusion</c>) and the values it takes: every combination is a point. Default: none.</summary>
    public ImmutableArray<SweepAxis> Grid { get; init; } = [];

    /// <summary>The same, but the lists, which are equally long, are walked together: the first values of all, then the second. Default: none.</summary>
    public ImmutableArray<SweepAxis> Zip { get; init; } = [];

    /// <summary>Values that are drawn. Default: none.</summary>
    public RandomSpec? Random { get; init; }

    /// <summary>Swept keys that apply only where others have given values; elsewhere the spec's own value holds. Default: all apply everywhere.</summary>
    public ImmutableArray<SweepCondition> When { get; init; } = [];

    /// <summary>Default: none.</summary>
    public LimitsSpec? Limits { get; init; }

    /// <summary>Which runs are trained to their end. Default: all.</summary>
    public AshaSpec? Asha { get; init; }
}

/// <param name="KeyPath">Such as <c>retriever.fusion</c> or <c>seed</c>.</param>
/// <param name="Values">YAML scalars, in the order written; at least one.</param>
public sealed record SweepAxis(string KeyPath, ImmutableArray<string> Values);

/// <summary>Draws a value for each of its keys, anew in each trial.</summary>
/// <remarks>What is drawn is a function of seed, key and trial's number alone: more trials or further keys change no earlier value.</remarks>
public sealed record RandomSpec
{
    public required int Trials { get; init; }

    /// <summary>Of the draws, not of the runs. Default 0.</summary>
    public int Seed { get; init; }

    public required ImmutableArray<RandomAxis> Keys { get; init; }
}

/// <param name="Values">Of a choice: what may be drawn, each as likely. Otherwise two numbers, the bounds.</param>
public sealed record RandomAxis(string KeyPath, Distribution Distribution, ImmutableArray<string> Values);

/// <summary>log_uniform: each decade between the bounds is as likely.</summary>
public enum Distribution { Uniform, LogUniform, Choice }

/// <summary>A swept key that applies only where each of the others has one of its values.</summary>
public sealed record SweepCondition(string KeyPath, ImmutableArray<SweepAxis> Where);

/// <summary>Where a sweep ends, whatever is left of it.</summary>
public sealed record LimitsSpec
{
    /// <summary>Runs in all; those beyond are left out, the last trials first. Default: no limit.</summary>
    public int? Runs { get; init; }

    /// <summary>Hours that its runs hold workers, those of all added up; then they are paused. Default: no limit.</summary>
    public double? DeviceHours { get; init; }
}

/// <summary>
/// Successive halving without a round that waits for its last run (ASHA; Li et al. 2020, arXiv 1810.05934): a run that comes to a rung is
/// evaluated and stops; of those that came, the best are promoted, which go on from their checkpoints.
/// </summary>
public sealed record AshaSpec
{
    /// <summary>What a rung measures. Default recall.</summary>
    public SweepMetric Metric { get; init; }

    /// <summary>Steps of the first rung, counted over the whole run; each further one is at <see cref="Reduction"/> times as many. Or give rungs.</summary>
    public int? MinSteps { get; init; }

    /// <summary>Steps of all rungs, ascending. Or give min_steps.</summary>
    public ImmutableArray<int>? Rungs { get; init; }

    /// <summary>One of so many is promoted. Default 3.</summary>
    public int Reduction { get; init; } = 3;
}

/// <summary>
/// On the validation split. recall: the mean over tasks and evaluation's pools of the recall at 5 (in fashion 10) of whole queries, their own
/// pictures left out. true_recall: of the share of the relevant candidates instead.
/// </summary>
public enum SweepMetric { Recall, TrueRecall }
