using System.Text.Json;

namespace JointFusion.Experiments;

/// <summary>config.json of a Hugging Face checkpoint folder: what the weights beside it mean. Absent keys have the reference library's defaults (transformers 4.51).</summary>
public abstract record BackboneConfig
{
    private static readonly JsonSerializerOptions Strict = new(JointFusionJson.Line) { RespectNullableAnnotations = true };

    /// <summary>By <c>model_type</c>.</summary>
    private static readonly Dictionary<string, Type> Known = new(StringComparer.Ordinal)
    {
        ["clip"] = typeof(ClipConfig),
        ["gemma"] = typeof(GemmaConfig),
        ["paligemma"] = typeof(PaliGemmaConfig),
        ["qwen2"] = typeof(Qwen2Config),
        ["qwen2_vl"] = typeof(Qwen2VlConfig),
        ["siglip"] = typeof(SiglipConfig),
    };

    /// <summary>Such as <c>qwen2_vl</c>.</summary>
    public string ModelType { get; init; } = "";

    /// <param name="folder">Of the checkpoint.</param>
    /// <exception cref="BackboneConfigException">There is no config.json, it cannot be read, or it describes a model that is not known here.</exception>
    public static BackboneConfig Read(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var config = (BackboneConfig)document.Deserialize(TypeOf(path, document.RootElement), Strict)!;
            config.Check(cause => new BackboneConfigException(path, cause));
            return config;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new BackboneConfigException(path, $"is not the config of a model: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BackboneConfigException(path, $"cannot be read: {e.Message} Give a folder in Hugging Face's checkpoint layout.", e);
        }
    }

    /// <summary>Every parameter of the model, without an output matrix of its own.</summary>
    public IReadOnlyList<BackboneTensor> Tensors()
    {
        var tensors = new TensorList();
        List(tensors);
        return tensors.All;
    }

    /// <summary>What a plan needs to know.</summary>
    public abstract BackboneShape Describe();

    /// <summary>The same with at most so many layers a tower, the first ones: what a check of gradients needs of a large model.</summary>
    public abstract BackboneConfig Shallow(int layers);

    internal abstract void List(TensorList tensors);

    /// <summary>Throws what <paramref name="fault"/> makes of a setting that is not computed here: better refused than ignored.</summary>
    internal virtual void Check(Func<string, Exception> fault)
    {
    }

    /// <summary>Operations for each of a factor: every multiplication and addition.</summary>
    private protected static double FlopsEach(IReadOnlyList<BackboneTensor> tensors, Factor factor) =>
        2.0 * tensors.Where(tensor => tensor.Factor == factor).Sum(tensor => tensor.Count);

    private protected static long CountOf(IReadOnlyList<BackboneTensor> tensors, TensorPart part) => tensors.Where(tensor => tensor.Part == part).Sum(tensor => tensor.Count);

    private protected static TowerShape Tower(EncoderShape shape, double flops, int extraPositions = 0) =>
        new(shape.Layers, shape.Width, shape.Width, shape.MlpWidth, shape.Heads, flops, extraPositions);

    /// <summary>A gated MLP has two hidden layers.</summary>
    private protected static TowerShape Tower(DecoderShape shape, double flops) =>
        new(shape.Layers, shape.Width, shape.Heads * shape.HeadWidth, 2 * shape.MlpWidth, shape.Heads, flops);

    /// <summary>Of a language model by itself.</summary>
    private protected BackboneShape DescribeText(DecoderShape shape)
    {
        var tensors = Tensors();
        return new()
        {
            Model = ModelType,
            IsDual = false,
            Parameters = tensors.Sum(tensor => tensor.Count),
            ScoreParameters = 0,
            HeadParameters = 0,
            ImageWidth = shape.Width,
            TextWidth = shape.Width,
            EmbeddingWidth = shape.Width,
            Vocabulary = shape.Vocabulary,
            Text = Tower(shape, FlopsEach(tensors, Factor.Token)),
            MergedFlops = 0,
            PatchSize = 0,
        };
    }

    private static Type TypeOf(string path, JsonElement config)
    {
        var name = config.TryGetProperty("model_type", out var type) ? type.GetString() ?? "" : "";
        return Known.TryGetValue(name, out var known)
            ? known
            : throw new BackboneConfigException(path, $"has the model_type '{name}'. Known are {string.Join(", ", Known.Keys.Order(StringComparer.Ordinal))}.");
    }
}
