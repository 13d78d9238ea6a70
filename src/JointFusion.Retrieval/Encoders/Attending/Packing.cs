using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Which rows of a packed tensor [R, ...] are whose: groups of sequences end to end, each group of one length.</summary>
public sealed class Packing
{
    private readonly long[] rows;

    /// <param name="causal">Whether a position sees none after it.</param>
    public Packing(IEnumerable<TokenSequence> groups, bool causal = false)
    {
        IsCausal = causal;
        Groups = [.. groups.Select(group => new PackedGroup((int)group.Tokens_NSW.size(0), (int)group.Tokens_NSW.size(1), group.Present_NS?.unsqueeze(1).unsqueeze(1)))];
        rows = [.. Groups.Select(group => (long)group.Items * group.Length)];
    }

    public bool IsCausal { get; }

    /// <summary>In the order of their rows.</summary>
    public IReadOnlyList<PackedGroup> Groups { get; }

    /// <summary>The groups' rows, as views.</summary>
    public IReadOnlyList<Tensor> Part(Tensor packed) => rows.Length == 1 ? [packed] : packed.split(rows, 0);

    /// <summary>What treats every position alike, once for all groups.</summary>
    /// <param name="inputs">By group, [N, S, ...]; null where it has none.</param>
    /// <param name="work">[R, ...] to [R, W].</param>
    /// <param name="result">Of a group, from its number and its [N, S, W].</param>
    public static IReadOnlyList<TokenSequence?> Together(IReadOnlyList<Tensor?> inputs, Func<Tensor, Tensor> work, Func<int, Tensor, TokenSequence> result)
    {
        Tensor[] present = [.. inputs.OfType<Tensor>()];
        if (present.Length == 0)
            return new TokenSequence?[inputs.Count];
        var parts = new Queue<Tensor>(work(Join(present.Select(input => input.flatten(0, 1)))).split([.. present.Select(input => input.size(0) * input.size(1))], 0));
        return [.. inputs.Select((input, group) => input is null ? null : result(group, parts.Dequeue().view(input.size(0), input.size(1), -1)))];
    }

    /// <summary>Parts end to end.</summary>
    public static Tensor Join(IEnumerable<Tensor> parts) => parts.ToArray() is var all && all.Length == 1 ? all[0] : cat(all, 0);
}

/// <param name="Items">N.</param>
/// <param name="Length">S positions of each.</param>
/// <param name="Attendable_N11S">True where a key may be attended to; null if all may.</param>
public sealed record PackedGroup(int Items, int Length, Tensor? Attendable_N11S);
