namespace JointFusion.Orchestration;

/// <summary>A run as it is submitted.</summary>
/// <param name="Run">Unique name.</param>
/// <param name="RunFolder">Absolute; holds plan.json.</param>
/// <param name="Workers">Slots it needs, all at once.</param>
/// <param name="StartsAt">Step of the checkpoint in its folder that it begins at; null: it begins from nothing.</param>
public sealed record RunOrder(string Run, string RunFolder, int Workers, int? StartsAt = null);
