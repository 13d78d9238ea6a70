namespace JointFusion.Cli;

/// <summary>What the doctor says of one thing that a deployment rests on.</summary>
/// <param name="About">Such as root, disk or certificates.</param>
/// <param name="Says">What was found.</param>
/// <param name="WayOut">What mends it; null where nothing has to be.</param>
internal sealed record Finding(Health Health, string About, string Says, string? WayOut = null)
{
    public static Finding Ok(string about, string says) => new(Health.Ok, about, says);

    public static Finding Warn(string about, string says, string wayOut) => new(Health.Warn, about, says, wayOut);

    public static Finding Fail(string about, string says, string wayOut) => new(Health.Fail, about, says, wayOut);

    /// <summary>A line, and below it the way out.</summary>
    public override string ToString() =>
        $"{Health.ToString().ToLowerInvariant(),-4}  {About,-17}  {Says}{(WayOut is null ? "" : $"{Environment.NewLine}      {"",-17}  -> {WayOut}")}";
}

internal enum Health
{
    Ok,

    /// <summary>It works, and will not for long, or not for all.</summary>
    Warn,

    /// <summary>A server, an agent or a run will end at it.</summary>
    Fail,
}
