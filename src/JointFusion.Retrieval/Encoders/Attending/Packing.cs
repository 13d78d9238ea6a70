using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Which rows of a packed tensor [R, ...] are whose: groups of sequences end to end, each group of one length.</summary>
public sealed class Packing
{
    private readonly long[] rows;

    /// <param name="causal">Whether a position sees none after it.</param>
    public Packing(IEnumerable<TokenSequence> groups, bool causal = false)
        : this(groups.Select(group => new PackedGroup((int)group.Tokens_NSW.size(0), (int)group.Tokens_NSW.size(1), group.Present_NS?.unsqueeze(1).unsqueeze(1))), causal)
    {
    }

    /// <param name="causal">Whether a position sees none after it.</param>
    public Packing(IEnumerable<PackedGroup> groups, bool causal)
    {
        IsCausal = causal;
        Groups = [.. groups];
        rows = [.. Groups.Select(group => (long)group.Items * group.Length)];
    }

    /// <summary>Sequences of these lengths, in which all sees all; neighbours of one length are one group.</summary>
    public static Packing Of(IEnumerable<int> lengths)
    {
        var groups = new List<PackedGroup>();
        foreach (var length in lengths)
            if (groups.Count > 0 && groups[^1].Length == length)
                groups[^1] = groups[^1] with { Items = groups[^1].Items + 1 };
            else
                groups.Add(new PackedGroup(1, length, null));
        return new Packing(groups, causal: false);
    }

    public bool IsCausal { get; }

    /// <summary>In the order of their rows.</summary>
    public IReadOnlyList<PackedGroup> Groups { get; }

    /// <summary>The groups' rows, as views.</summary>
    /// <param name="dimension">That of the rows.</param>
    public IReadOnlyList<Tensor> Part(Tensor packed, long dimension = 0) => rows.Length == 1 ? [packed] : packed.split(rows, dimension);

    /// <summary>A packing's only group, as a view [N, S, ...] of its rows.</summary>
    public Tensor Only(Tensor packed_RX) => Groups is [var group]
        ? packed_RX.unflatten(0, group.Items, group.Length)
        : throw new InvalidOperationException($"{Groups.Count} groups of sequences are no single tensor.");

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
/// <param name="Attendable_N11S">True where a key may be attended to, for each query [N, 1, S, S] or for all alike; null if all may.</param>
public sealed record PackedGroup(int Items, int Length, Tensor? Attendable_N11S);
