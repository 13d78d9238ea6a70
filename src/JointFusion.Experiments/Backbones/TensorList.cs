namespace JointFusion.Experiments;

/// <summary>Collects the parameters of a model in the order of its parts.</summary>
internal sealed class TensorList
{
    private readonly List<BackboneTensor> all = [];

    public IReadOnlyList<BackboneTensor> All => all;

    public void Add(string name, params ReadOnlySpan<long> shape) => Add(name, null, TensorPart.Body, shape);

    public void Add(string name, Factor? factor, TensorPart part, params ReadOnlySpan<long> shape) => all.Add(new(name, [.. shape], factor, IsProjection: false, part));

    public void Linear(string name, int inputs, int outputs, bool hasBias, Factor factor, TensorPart part = TensorPart.Body)
    {
        all.Add(new($"{name}.weight", [outputs, inputs], factor, IsProjection: true, part));
        if (hasBias)
            Add($"{name}.bias", null, part, outputs);
    }

    /// <summary>With a bias.</summary>
    public void Norm(string name, int width, TensorPart part = TensorPart.Body)
    {
        Add($"{name}.weight", null, part, width);
        Add($"{name}.bias", null, part, width);
    }

    /// <summary>Layers of CLIP's and SigLIP's towers.</summary>
    public void Encoder(string prefix, EncoderShape shape, Factor factor)
    {
        for (var i = 0; i < shape.Layers; i++)
        {
            var layer = $"{prefix}.layers.{i}";
            Norm($"{layer}.layer_norm1", shape.Width);
            foreach (var projection in (string[])["q_proj", "k_proj", "v_proj", "out_proj"])
                Linear($"{layer}.self_attn.{projection}", shape.Width, shape.Width, true, factor);
            Norm($"{layer}.layer_norm2", shape.Width);
            Mlp($"{layer}.mlp", shape.Width, shape.MlpWidth, factor);
        }
    }

    public void Mlp(string prefix, int width, int mlpWidth, Factor factor, TensorPart part = TensorPart.Body)
    {
        Linear($"{prefix}.fc1", width, mlpWidth, true, factor, part);
        Linear($"{prefix}.fc2", mlpWidth, width, true, factor, part);
    }

    /// <summary>Table, layers and final norm of a language model.</summary>
    public void Decoder(string prefix, DecoderShape shape)
    {
        Add($"{prefix}.embed_tokens.weight", shape.Vocabulary, shape.Width);
        for (var i = 0; i < shape.Layers; i++)
        {
            var layer = $"{prefix}.layers.{i}";
            Add($"{layer}.input_layernorm.weight", shape.Width);
            Linear($"{layer}.self_attn.q_proj", shape.Width, shape.Heads * shape.HeadWidth, shape.InputBias, Factor.Token);
            Linear($"{layer}.self_attn.k_proj", shape.Width, shape.KeyHeads * shape.HeadWidth, shape.InputBias, Factor.Token);
            Linear($"{layer}.self_attn.v_proj", shape.Width, shape.KeyHeads * shape.HeadWidth, shape.InputBias, Factor.Token);
            Linear($"{layer}.self_attn.o_proj", shape.Heads * shape.HeadWidth, shape.Width, shape.OutputBias, Factor.Token);
            Add($"{layer}.post_attention_layernorm.weight", shape.Width);
            foreach (var projection in (string[])["gate_proj", "up_proj"])
                Linear($"{layer}.mlp.{projection}", shape.Width, shape.MlpWidth, false, Factor.Token);
            Linear($"{layer}.mlp.down_proj", shape.MlpWidth, shape.Width, false, Factor.Token);
        }
        Add($"{prefix}.norm.weight", shape.Width);
    }
}
