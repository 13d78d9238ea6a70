namespace JointFusion.Dashboard;

/// <summary>Something that happened to a run while the page was served, for a person's eye.</summary>
/// <param name="Text">What it became, with the reason where there is one.</param>
public sealed record RunNote(DateTimeOffset At, LiveRunState State, string Text);
