using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>What a backbone is given, under the reference's names; null is absent.</summary>
public sealed record BackboneInputs
{
    /// <summary><c>input_ids</c>, int64.</summary>
    public Tensor? Ids_NS { get; init; }

    /// <summary><c>attention_mask</c>: 1 where there is a token, 0 where padded; null: tokens everywhere.</summary>
    public Tensor? Present_NS { get; init; }

    /// <summary><c>pixel_values</c>: normalised pictures [N, 3, height, width]; of Qwen2-VL flattened patches [R, X] of all pictures end to end.</summary>
    public Tensor? Pixels { get; init; }

    /// <summary><c>image_grid_thw</c>: of each picture its patches in time, height and width.</summary>
    public Tensor? Grid_I3 { get; init; }

    /// <summary><c>token_type_ids</c>: 0 in the prefix, 1 in the suffix.</summary>
    public Tensor? Suffix_NS { get; init; }

    /// <summary><c>labels</c>: the tokens to predict, -100 where none is.</summary>
    public Tensor? Labels_NS { get; init; }

    /// <param name="byName">By the reference's names of arguments.</param>
    /// <exception cref="ArgumentException">A name is not known.</exception>
    public static BackboneInputs Of(IReadOnlyDictionary<string, Tensor> byName)
    {
        var inputs = new BackboneInputs();
        foreach (var (name, value) in byName)
            inputs = name switch
            {
                "input_ids" => inputs with { Ids_NS = value },
                "attention_mask" => inputs with { Present_NS = value },
                "pixel_values" => inputs with { Pixels = value },
                "image_grid_thw" => inputs with { Grid_I3 = value },
                "token_type_ids" => inputs with { Suffix_NS = value },
                "labels" => inputs with { Labels_NS = value },
                _ => throw new ArgumentException($"No backbone takes an input named '{name}'."),
            };
        return inputs;
    }

    /// <summary>Its sequences as one group of rows.</summary>
    /// <param name="causal">Whether a token sees only those before it.</param>
    internal Packing Packing(bool causal) =>
        new([new PackedGroup((int)Ids.size(0), (int)Ids.size(1), Present_NS?.EqualTo(0).logical_not().unsqueeze(1).unsqueeze(1))], causal);

    internal Tensor Ids => Ids_NS ?? throw new ArgumentException("There are no input_ids.");
}
