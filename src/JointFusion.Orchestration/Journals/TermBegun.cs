namespace JointFusion.Orchestration;

/// <summary>The first thing that a coordinator writes, and what keeps another one from writing: see <see cref="Coordinator"/>.</summary>
/// <param name="Term">Higher than all before it in the journal, or that of this coordinator itself, which has been started again.</param>
public sealed record TermBegun(long Term, DateTimeOffset At) : IProtocolMessage;
