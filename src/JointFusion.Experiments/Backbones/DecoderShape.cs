namespace JointFusion.Experiments;

/// <summary>A language model's decoder: RMSNorms, rotary positions, grouped queries, a gated MLP.</summary>
public sealed record DecoderShape
{
    public required int Vocabulary { get; init; }
    public required int Width { get; init; }
    public required int MlpWidth { get; init; }
    public required int Layers { get; init; }

    /// <summary>Of queries, H.</summary>
    public required int Heads { get; init; }

    /// <summary>Of keys and values, G; each serves H / G heads of queries.</summary>
    public required int KeyHeads { get; init; }

    public required int HeadWidth { get; init; }

    /// <summary>Of every norm.</summary>
    public required double Epsilon { get; init; }

    /// <summary>Base of the rotary frequencies.</summary>
    public required double Theta { get; init; }

    /// <summary>How many frequencies follow time, height and width; null: positions have one number.</summary>
    public int[]? Sections { get; init; }

    public required Activation Activation { get; init; }

    /// <summary>Of the projections to queries, keys and values.</summary>
    public bool InputBias { get; init; }

    /// <summary>Of the projection of attention's result.</summary>
    public bool OutputBias { get; init; }

    /// <summary>Norms multiply by 1 + weight.</summary>
    public bool OffsetNorms { get; init; }

    /// <summary>Embeddings are multiplied by the root of the width.</summary>
    public bool ScaledEmbedding { get; init; }

    /// <summary>The embedding is the output matrix too.</summary>
    public bool TiedHead { get; init; }
}
