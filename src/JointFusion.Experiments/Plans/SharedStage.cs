namespace JointFusion.Experiments;

/// <summary>The end of a stage which several runs of a sweep come to with bitwise the same state, so that one of them may train it for all.</summary>
/// <param name="Step">The stage's last, counted over the whole run.</param>
/// <param name="Key">Hash of everything that decides the state there, resources included: the same in all these runs, and in no other.</param>
public sealed record SharedStage(int Step, string Key);
