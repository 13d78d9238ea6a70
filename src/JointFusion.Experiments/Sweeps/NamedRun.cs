namespace JointFusion.Experiments;

/// <param name="Name">Of the run and its folder, such as <c>early</c> or <c>score-seed8</c>.</param>
/// <param name="Spec">One run: its <c>Sweep</c> is null.</param>
public sealed record NamedRun(string Name, ExperimentSpec Spec);
