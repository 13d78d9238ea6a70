namespace JointFusion.Dashboard;

/// <summary>Two kinds of run set against each other: over the same queries, seed by seed, then over seeds and concepts together.</summary>
public sealed record StudyContrast
{
    /// <summary>arms: two retrievers on one course of stages; courses: one retriever on two.</summary>
    public required string Between { get; init; }

    public required string Left { get; init; }
    public required string Right { get; init; }

    /// <summary>What both share: the course of stages, or the arm.</summary>
    public required string Both { get; init; }

    public required StudyCondition Condition { get; init; }

    /// <summary>Of tasks; see task-groups.yaml.</summary>
    public required string Group { get; init; }

    /// <summary>Both null: the group's mean over its rows.</summary>
    public int? Task { get; init; }
    public string? Operation { get; init; }

    /// <summary>Recall of each, 0 to 1, over all seeds that both have.</summary>
    public required double LeftValue { get; init; }
    public required double RightValue { get; init; }

    /// <summary>Left minus right, with its 95% interval over seeds and concepts.</summary>
    public required double Difference { get; init; }
    public required double Low { get; init; }
    public required double High { get; init; }

    /// <summary>At 90%: what is tested for equivalence.</summary>
    public required double Low90 { get; init; }
    public required double High90 { get; init; }

    /// <summary>The plain two-level bootstrap's 95%: a check that takes no distribution for granted. Null where it was not drawn.</summary>
    public double? BootstrapLow { get; init; }
    public double? BootstrapHigh { get; init; }

    /// <summary>Cohen's h, the distance of the two shares on the arcsine scale (0.2 small, 0.5 medium, 0.8 large), and at the interval's ends.</summary>
    public required double Effect { get; init; }
    public required double EffectLow { get; init; }
    public required double EffectHigh { get; init; }

    /// <summary>Two-sided, of no difference; then corrected over all rows or groups of the same two kinds and condition (Holm).</summary>
    public required double P { get; init; }
    public double? PHolm { get; init; }

    public required int Seeds { get; init; }
    public required int Concepts { get; init; }

    /// <summary>Over all rows of a group.</summary>
    public required int Queries { get; init; }

    public bool IsGroup => Task is null;

    internal static double EffectOf(double left, double right) => (2 * Math.Asin(Math.Sqrt(Math.Clamp(left, 0, 1)))) - (2 * Math.Asin(Math.Sqrt(Math.Clamp(right, 0, 1))));
}
