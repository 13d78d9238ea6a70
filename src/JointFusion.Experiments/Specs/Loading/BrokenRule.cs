using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>Values that were each readable, yet are out of range or don't go together.</summary>
/// <param name="Keys">Key paths the rule reads; it is reported at the first.</param>
internal sealed record BrokenRule(string Message, params ImmutableArray<string> Keys);
