namespace JointFusion.Experiments;

/// <summary>What a sweep gives one key at one of its points.</summary>
/// <param name="KeyPath">Such as <c>retriever.fusion</c>.</param>
/// <param name="Text">A YAML scalar.</param>
/// <param name="Path">Where the sweep says so, for messages: such as <c>sweep.grid.retriever.fusion[1]</c>.</param>
/// <param name="IsDrawn">By a trial.</param>
public sealed record SweptValue(string KeyPath, string Text, string Path, bool IsDrawn = false);
