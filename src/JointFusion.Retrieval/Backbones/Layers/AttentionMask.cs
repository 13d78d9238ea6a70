using static TorchSharp.torch;
using Device = TorchSharp.torch.Device;

namespace JointFusion.Retrieval;

/// <summary>Which keys a query must not see: true where blocked, broadcast to [N, H, S, S]; null where it sees all.</summary>
internal static class AttentionMask
{
    /// <param name="present_NS">Nonzero where there is a token; null: everywhere.</param>
    public static Tensor? Blocked(Tensor? present_NS, bool causal, long length, Device device)
    {
        var later_SS = causal ? Later(length, device) : null;
        var absent_N11S = Absent(present_NS);
        return (later_SS, absent_N11S) switch
        {
            (not null, not null) => later_SS.logical_or(absent_N11S),
            (not null, null) => later_SS,
            _ => absent_N11S,
        };
    }

    /// <summary>The prefix is seen by all, the rest only by what comes after it.</summary>
    /// <param name="suffix_NS">Nonzero where the suffix is.</param>
    public static Tensor BlockedSuffix(Tensor? present_NS, Tensor suffix_NS)
    {
        var suffix_N11S = suffix_NS.EqualTo(0).logical_not().unsqueeze(1).unsqueeze(1);
        var blocked = Later(suffix_NS.size(1), suffix_NS.device).logical_and(suffix_N11S);
        return Absent(present_NS) is { } absent_N11S ? blocked.logical_or(absent_N11S) : blocked;
    }

    /// <summary>What comes after the query, and what is blocked besides.</summary>
    public static Tensor Later(Tensor query_NHSK, Tensor? blocked)
    {
        var later_SS = Later(query_NHSK.size(2), query_NHSK.device);
        return blocked is null ? later_SS : later_SS.logical_or(blocked);
    }

    private static Tensor? Absent(Tensor? present_NS) => present_NS?.EqualTo(0).unsqueeze(1).unsqueeze(1);

    private static Tensor Later(long length, Device device) => ones(length, length, ScalarType.Bool, device).triu(1);
}
