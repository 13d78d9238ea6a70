namespace JointFusion.Experiments;

/// <summary>One thing wrong with a spec, and the way out.</summary>
/// <param name="File">As its user named it.</param>
/// <param name="Line">From 1; 0 where the fault is the file itself.</param>
/// <param name="Column">From 1.</param>
/// <param name="KeyPath">Such as <c>stages[0].steps</c>; empty for the whole document.</param>
/// <param name="Message">What is wrong, what is allowed, and the nearest valid name.</param>
public sealed record SpecFault(string File, int Line, int Column, string KeyPath, string Message)
{
    /// <summary><c>file:line:column: key path: message</c>, the form that editors and terminals turn into links.</summary>
    public override string ToString() =>
        (Line > 0 ? $"{File}:{Line}:{Column}: " : $"{File}: ") + (KeyPath.Length > 0 ? $"{KeyPath}: " : "") + Message;
}
