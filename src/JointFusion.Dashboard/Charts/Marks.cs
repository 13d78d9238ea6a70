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
        _ => "fusion-other",
    };

    /// <summary>An enum value as the files write it; all of them are single words.</summary>
    public static string Name<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    public static string Runs(int count) => count == 1 ? "1 run" : $"{count} runs";

    /// <summary>A share as percent, one decimal.</summary>
    public static string Percent(double share) => (share * 100).ToString("0.0");

    /// <summary>A difference of shares in percentage points, always signed.</summary>
    public static string Points(double difference) => (difference * 100).ToString("+0.0;−0.0;0.0");

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
