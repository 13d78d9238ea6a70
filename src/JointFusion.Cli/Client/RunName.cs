namespace JointFusion.Cli;

/// <summary>What a user names at a server: an experiment, or a run of it as EXPERIMENT/RUN.</summary>
/// <param name="Run">Null: the experiment as a whole.</param>
internal sealed record RunName(string Experiment, string? Run)
{
    /// <summary>Its place in the API.</summary>
    public string Path => Run is null
        ? $"/experiments/{Uri.EscapeDataString(Experiment)}"
        : $"/runs/{Uri.EscapeDataString(Experiment)}/{Uri.EscapeDataString(Run)}";

    public static RunName Parse(string text) => text.Split('/', 2) is [var experiment, var run] ? new RunName(experiment, run) : new RunName(text, null);

    public override string ToString() => Run is null ? Experiment : $"{Experiment}/{Run}";
}
