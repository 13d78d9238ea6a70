using System.Collections.Immutable;
using System.Text.RegularExpressions;
using JointFusion.Experiments;

namespace JointFusion.Retrieval;

/// <summary>Which projections are adapted, by PEFT's two rules.</summary>
public sealed record LoraTargets
{
    private LoraTargets(ImmutableArray<string> names, string? pattern) => (Names, Pattern) = (names, pattern);

    /// <summary>Ends of their names, such as <c>q_proj</c>; empty where there is a pattern.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>A regular expression of the whole name; null where there are ends.</summary>
    public string? Pattern { get; }

    /// <summary>As a spec has them: ends of names, or patterns with *.</summary>
    public static LoraTargets Of(LowRankAdapters adapters) => adapters.Targets.Any(target => target.Contains('*', StringComparison.Ordinal))
        ? Matching(string.Join('|', adapters.Targets.Select(LowRankAdapters.Expression)))
        : Named(adapters.Targets);

    /// <param name="names">Whole names, or ends that follow a dot.</param>
    public static LoraTargets Named(params IEnumerable<string> names) => new([.. names], null);

    /// <param name="pattern">A regular expression of the whole name, such as <c>.*language_model.*\.(q|v)_proj</c>.</param>
    /// <exception cref="ArgumentException">It is no regular expression.</exception>
    public static LoraTargets Matching(string pattern)
    {
        _ = new Regex(pattern);
        return new LoraTargets([], pattern);
    }

    internal bool Include(string path) => Pattern is not null
        ? Regex.IsMatch(path, $"^(?:{Pattern})$", RegexOptions.CultureInvariant)
        : Names.Any(name => path == name || path.EndsWith($".{name}", StringComparison.Ordinal));
}
