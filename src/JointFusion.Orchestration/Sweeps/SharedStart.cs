namespace JointFusion.Orchestration;

/// <summary>Where a run begins that has another one's stages behind it.</summary>
/// <param name="Run">That trained them.</param>
/// <param name="RunFolder">Absolute; holds its plan and its checkpoint.</param>
/// <param name="Step">Of the checkpoint.</param>
public sealed record SharedStart(string Run, string RunFolder, int Step);
