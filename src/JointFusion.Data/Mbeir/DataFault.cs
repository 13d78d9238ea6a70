namespace JointFusion.Data;

/// <summary>One thing wrong in a data set.</summary>
/// <param name="File">Path as opened.</param>
/// <param name="Line">From 1; 0 where the fault is the whole file's.</param>
/// <param name="Message">What is wrong and what is expected.</param>
public sealed record DataFault(string File, int Line, string Message)
{
    /// <summary>As compilers write it: file:line: message.</summary>
    public override string ToString() => Line > 0 ? $"{File}:{Line}: {Message}" : $"{File}: {Message}";

    /// <summary>For readers that stop at the first fault.</summary>
    /// <exception cref="DataException">Always.</exception>
    internal static void Throw(DataFault fault) =>
        throw new DataException($"{fault}. `jf data check` lists every fault of the set.");
}
