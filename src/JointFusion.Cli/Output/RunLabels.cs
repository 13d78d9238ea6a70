using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary>What a plan's tables call its runs: by their names, or by their numbers in the sweep's order where names are so long that no table could be read.</summary>
internal sealed class RunLabels
{
    /// <summary>Characters of a name that a table has room for beside its other columns.</summary>
    private const int LongestName = 40;

    /// <summary>Ranges of numbers in a list; of a longer one, the rest is counted.</summary>
    private const int Listed = 5;

    private readonly Dictionary<string, int> numbers = [];

    /// <param name="runs">All of the experiment's.</param>
    public RunLabels(IReadOnlyList<RunPlan> runs)
    {
        foreach (var run in runs)
            numbers.Add(run.Run, numbers.Count + 1);
        AreNumbers = runs.Count > 1 && runs.Any(run => run.Run.Length > LongestName);
    }

    public bool AreNumbers { get; }

    public string Of(string run) => AreNumbers ? $"{numbers[run]}" : run;

    /// <summary>Some of the runs: all of their names, or their numbers, those that follow each other as a range: "1-3, 7 and 4 more".</summary>
    /// <param name="runs">In the sweep's order.</param>
    public string Of(IReadOnlyList<string> runs)
    {
        if (runs.Count == numbers.Count)
            return "all";
        if (!AreNumbers)
            return string.Join(", ", runs);
        List<(int First, int Last)> ranges = [];
        foreach (var number in runs.Select(run => numbers[run]))
            if (ranges is [.., var last] && last.Last + 1 == number)
                ranges[^1] = (last.First, number);
            else
                ranges.Add((number, number));
        var listed = ranges.Count > Listed + 1 ? ranges[..Listed] : ranges;
        var rest = runs.Count - listed.Sum(range => range.Last - range.First + 1);
        return string.Join(", ", listed.Select(range => range.First == range.Last ? $"{range.First}" : $"{range.First}-{range.Last}")) + (rest > 0 ? $" and {rest} more" : "");
    }
}
