using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>Faults by file, so that one broken file does not bury the others.</summary>
internal sealed class FaultList
{
    /// <summary>More faults of one file are only counted.</summary>
    public const int PerFile = 100;

    private readonly List<DataFault> kept = [];
    private readonly Dictionary<string, int> counts = new(StringComparer.Ordinal);

    public void Add(DataFault fault)
    {
        counts[fault.File] = counts.GetValueOrDefault(fault.File) + 1;
        if (counts[fault.File] <= PerFile) kept.Add(fault);
    }

    /// <summary>In the order found; the counts of what was left out last.</summary>
    public ImmutableArray<DataFault> ToImmutable() =>
    [
        .. kept,
        .. counts.Where(file => file.Value > PerFile).Select(file => new DataFault(file.Key, 0, $"{file.Value - PerFile} more faults in this file")),
    ];
}
