namespace JointFusion.Data;

/// <summary>How far a long piece of work on data has come, for a bar.</summary>
/// <param name="Phase">What is being done, in a few words; may be a remark of its own, with <paramref name="Total"/> 0.</param>
/// <param name="Done">Of <paramref name="Total"/>, never falling within a phase.</param>
public readonly record struct DataProgress(string Phase, int Done, int Total);
