namespace JointFusion.Dashboard;

/// <summary>Numbers and class names as the pages write them.</summary>
internal static class Marks
{
    /// <summary>A style sheet's class for a fusion; names from a file never become class names themselves.</summary>
    public static string Class(string fusion) => fusion switch
    {
        "early" => "fusion-early",
        "score" => "fusion-score",
        "feature" => "fusion-feature",
        "isolated" => "fusion-isolated",
        _ => "fusion-other",
    };

    /// <summary>An enum value as the files write it; all of them are single words.</summary>
    public static string Name<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    public static string Runs(int count) => count == 1 ? "1 run" : $"{count} runs";

    /// <summary>A share as percent, one decimal.</summary>
    public static string Percent(double share) => (share * 100).ToString("0.0");

    /// <summary>A difference of shares in percentage points, always signed.</summary>
    public static string Points(double difference) => (difference * 100).ToString("+0.0;−0.0;0.0");

    /// <summary>Three decimals, and nothing smaller than their last.</summary>
    public static string Probability(double p) => p < 0.001 ? "< 0.001" : p.ToString("0.000");

    /// <summary>Three significant figures with the letter of the thousand: 1.23 M.</summary>
    public static string Count(double count)
    {
        foreach (var (size, letter) in ((double, string)[])[(1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")])
        {
            if (Math.Abs(count) >= size)
                return $"{(count / size).ToString(count / size >= 100 ? "0" : count / size >= 10 ? "0.0" : "0.00")} {letter}";
        }

        return count.ToString("0.##");
    }

    /// <summary>M-BEIR's task, by what goes in and out.</summary>
    public static string Task(int id) => id switch
    {
        0 => "0 t→i",
        1 => "1 t→t",
        2 => "2 t→it",
        3 => "3 i→t",
        4 => "4 i→i",
        5 => "5 i→it",
        6 => "6 it→t",
        7 => "7 it→i",
        8 => "8 it→it",
        _ => $"{id}",
    };

    /// <summary>A style sheet's class for one of several lines that are of the same fusion.</summary>
    public static string Series(int index) => $"series-{index % 9}";

    /// <summary>About three significant figures, for charts.</summary>
    public static string Figure(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 1e5 or < 1e-3 => value.ToString("0.##e0"),
        >= 100 => value.ToString("#,0"),
        >= 10 => value.ToString("0.#"),
        >= 1 => value.ToString("0.##"),
        _ => value.ToString("0.####"),
    };

    /// <summary>A size in units of a thousand.</summary>
    public static string Bytes(double bytes) => $"{Count(bytes)}{(Math.Abs(bytes) < 1e3 ? " " : "")}B";

    /// <summary>The largest two units of a time.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } => "0 s",
        { TotalMinutes: < 1 } => $"{span.TotalSeconds:0} s",
        { TotalHours: < 1 } => $"{span.Minutes} min {span.Seconds} s",
        { TotalDays: < 1 } => $"{span.Hours} h {span.Minutes} min",
        _ => $"{span.Days} d {span.Hours} h",
    };

    /// <summary>An SVG coordinate.</summary>
    public static string At(double pixels) => pixels.ToString("0.#");

    /// <summary>The beginning of a hash: enough to tell two apart by eye.</summary>
    public static string Short(string hash) => hash.Length > 12 ? hash[..12] : hash;
}
