namespace JointFusion.Retrieval;

/// <summary>One call of the model.</summary>
/// <param name="Inputs">By argument, the name of a tensor of inputs.safetensors.</param>
/// <param name="Outputs">By name in outputs.safetensors, which begins with the case's.</param>
public sealed record GoldenCase(string Name, Dictionary<string, string> Inputs, Dictionary<string, GoldenOutput> Outputs);

/// <summary>A tensor to compare: exactly where <paramref name="Compare"/> says so, else within atol + rtol |expected|.</summary>
/// <param name="CompareWhere"><c>NAME == 1</c>: only rows at which this input is 1.</param>
public sealed record GoldenOutput(long[] Shape, double? Atol = null, double? Rtol = null, string? Compare = null, string? CompareWhere = null)
{
    private const string One = " == 1";

    /// <summary>Name of the input that marks the rows to compare; null: all are.</summary>
    /// <exception cref="FormatException">The condition is of another kind.</exception>
    internal string? Mask => CompareWhere is null ? null
        : CompareWhere.EndsWith(One, StringComparison.Ordinal) ? CompareWhere[..^One.Length]
        : throw new FormatException($"compare_where '{CompareWhere}' is not of the kind NAME{One}");

    /// <exception cref="FormatException">Neither tolerances nor <c>exact</c> are given.</exception>
    internal (double Absolute, double Relative) Tolerance => (Compare, Atol, Rtol) switch
    {
        ("exact", _, _) => (0, 0),
        (_, { } absolute, { } relative) => (absolute, relative),
        _ => throw new FormatException("it has neither tolerances nor an exact comparison"),
    };
}
