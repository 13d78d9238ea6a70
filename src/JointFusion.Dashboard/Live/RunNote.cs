namespace JointFusion.Dashboard;

/// <summary>Something that happened to a run while the page was served, for a person's eye.</summary>
/// <param name="Text">What it became, with the reason where there is one.</param>
/// <param name="IsJournalled">A server's journal says the same; else it says only what a state's reason has changed to.</param>
public sealed record RunNote(DateTimeOffset At, string Text, bool IsJournalled);
