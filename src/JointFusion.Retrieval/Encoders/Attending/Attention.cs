using TorchSharp;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>softmax(q k' / sqrt(K)) v of packed sequences, none of which sees another: H heads, K wide each, W = H K.</summary>
public static class Attention
{
    /// <summary>Texts that differ by less than this many tokens may be padded to one length, where a group costs more than padding.</summary>
    private const int TokensWorthAGroup = 8;

    /// <summary>To what multiple of tokens texts are padded. On a CPU they are not.</summary>
    public static int LengthStep(Device device) => device.type == DeviceType.CPU ? 1 : TokensWorthAGroup;

    /// <param name="qkv_RZ">Of each row the queries of all heads, the keys, the values; Z = 3 W. On a CPU in bfloat16 it is computed in float32.</param>
    /// <returns>[R, W], in the type of the input.</returns>
    public static Tensor Mix_RW(Tensor qkv_RZ, Packing packing, int heads)
    {
        if (PackedAttention.Takes(qkv_RZ, packing, heads))
            return PackedAttention.Mix_RW(qkv_RZ, packing, heads);
        if (qkv_RZ.dtype == ScalarType.BFloat16 && qkv_RZ.device_type == DeviceType.CPU)
            return Mix_RW(qkv_RZ.to(ScalarType.Float32), packing, heads).to(ScalarType.BFloat16);
        return Packing.Join(packing.Part(qkv_RZ).Zip(packing.Groups, (qkv_rZ, group) => Mix_rW(qkv_rZ, group, heads, packing.IsCausal)));
    }

    /// <param name="qkv_rZ">One group's rows.</param>
    private static Tensor Mix_rW(Tensor qkv_rZ, PackedGroup group, int heads, bool causal)
    {
        // Not by index: the gradient of an index is a tensor as large as the indexed one, mostly of zeros.
        var qkv_NHSK = qkv_rZ.view(group.Items, group.Length, 3, heads, -1).permute(2, 0, 3, 1, 4).unbind(0);
        var mixed_NHSK = FusedAttention.Mix_NHSK(qkv_NHSK[0], qkv_NHSK[1], qkv_NHSK[2], causal ? Earlier(group, qkv_rZ.device) : group.Attendable_N11S);
        return mixed_NHSK.transpose(1, 2).reshape(group.Items * group.Length, -1);
    }

    /// <returns>[1 or N, 1, S, S]: true where a key stands before the query, or is its own, and is there.</returns>
    private static Tensor Earlier(PackedGroup group, Device device)
    {
        var earlier_11SS = ones(1, 1, group.Length, group.Length, ScalarType.Bool, device).tril();
        return group.Attendable_N11S is { } attendable_N11S ? earlier_11SS.logical_and(attendable_N11S) : earlier_11SS;
    }

    /// <summary>Of padded sequences; queries, keys and values by themselves.</summary>
    /// <param name="key_NGSK">G divides H; each of its heads serves H / G neighbouring heads of queries.</param>
    /// <param name="blocked">True where a query must not see a key, broadcast to [N, H, S, S]; null: it sees all. A query that sees none gets the mean of all values.</param>
    /// <param name="causal">Whether it sees none after it, besides.</param>
    /// <returns>[N, S, W].</returns>
    internal static Tensor Mix_NSW(Tensor query_NHSK, Tensor key_NGSK, Tensor value_NGSK, Tensor? blocked, bool causal = false)
    {
        var mixed_NHSK = query_NHSK.device_type == DeviceType.CPU
            ? GroupedAttention.Mix_NHSK(query_NHSK, key_NGSK, value_NGSK, causal ? AttentionMask.Later(query_NHSK, blocked) : blocked)
            : GroupedAttention.MixFused_NHSK(query_NHSK, key_NGSK, value_NGSK, blocked, causal);
        return mixed_NHSK.transpose(1, 2).flatten(2, 3);
    }

    /// <summary>Of packed sequences, group by group; queries, keys and values by themselves.</summary>
    /// <param name="key_GRK">G divides H; each of its heads serves H / G neighbouring heads of queries.</param>
    /// <returns>[R, W].</returns>
    internal static Tensor Mix_RW(Tensor query_HRK, Tensor key_GRK, Tensor value_GRK, Packing packing)
    {
        // Not by narrowing: the gradient of each narrowed group is a tensor as large as the whole, mostly of zeros.
        var (queries, keys, values) = (packing.Part(query_HRK, 1), packing.Part(key_GRK, 1), packing.Part(value_GRK, 1));
        return Packing.Join(packing.Groups.Select((group, i) =>
        {
            Tensor Heads(Tensor part_HrK) => part_HrK.unflatten(1, group.Items, group.Length).transpose(0, 1);
            return Mix_NSW(Heads(queries[i]), Heads(keys[i]), Heads(values[i]), group.Attendable_N11S?.logical_not(), packing.IsCausal).flatten(0, 1);
        }));
    }
}
