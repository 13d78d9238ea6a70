using JointFusion.Data;
using JointFusion.Experiments;
using TorchSharp;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>The retriever of a plan, trained from scratch or over a published model; adapters are attached by who trains it.</summary>
public static class Retrievers
{
    /// <param name="seed">Of the weights that no file holds.</param>
    /// <param name="layers">Of a published model's towers the first so many; null: all.</param>
    /// <exception cref="CheckpointException">The model's config or weights cannot be used.</exception>
    /// <exception cref="DataException">Its tokenizer cannot.</exception>
    public static Retriever Create(RetrieverPlan plan, int seed, torch.Device device, int? layers = null)
    {
        var retriever = plan.Backbone is null ? new Retriever(plan, seed) : Over(plan, plan.Backbone, seed, device, layers);
        retriever.to(device);
        return retriever;
    }

    private static Retriever Over(RetrieverPlan plan, BackbonePlan backbone, int seed, torch.Device device, int? layers)
    {
        var compute = plan.Precision == Precision.Bf16 ? ScalarType.BFloat16 : ScalarType.Float32;
        // bfloat16 has too few digits for the small changes of training: weights that are trained themselves stay in float32.
        var model = Backbone.Load(backbone.Folder, backbone.TrainsWeights ? ScalarType.Float32 : compute, device, layers: layers, compute: compute == ScalarType.Float32 ? null : compute);
        try
        {
            return new Retriever(
                Encoder(plan, backbone, model, seed), new ScoreScale(plan.Temperature, plan.MinimumTemperature, plan.TemperatureFixed, plan.LogitBias), PixelScale.Unit);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static nn.Module<IReadOnlyList<ModalityGroup>, Tensor> Encoder(RetrieverPlan plan, BackbonePlan backbone, Backbone model, int seed)
    {
        var tokenizer = TokenizerFolder.Open(backbone.Folder);
        var scale = plan.Shape.Backbone!.Vision is null ? null : ChannelScale.Read(backbone.Folder);
        if (model is DualEncoder dual)
            return Late(plan, new DualEncoderTowers(dual, PromptTemplate.Around(tokenizer.Around.Before, tokenizer.Around.After), scale!), seed);
        var prompts = PromptsOf(backbone.Prompt!, tokenizer);
        var prompted = new PromptedBackbone((SequenceBackbone)model, prompts, scale, backbone.Causal!.Value);
        return plan.Shape.Fusion == Fusion.Early
            ? new OneTowerEncoder(prompted, PoolingOf(backbone, tokenizer))
            : Late(plan, new OneModelTowers(prompted, PoolingOf(backbone, tokenizer)), seed);
    }

    private static TwoTowerEncoder Late(RetrieverPlan plan, Towers towers, int seed) => plan.Shape.FusionTower is { } fusion
        ? TwoTowerEncoder.ByFeature(towers, fusion, plan.Shape.EmbeddingWidth, seed)
        : TwoTowerEncoder.ByScore(towers, plan.Shape.ModalityWeights);

    /// <summary>A model of texts alone has no other prompts; the slots themselves stand in their place.</summary>
    private static Prompts PromptsOf(PromptTemplates prompt, PretrainedTokenizer tokenizer) =>
        Prompts.Parse(prompt.Text, prompt.Image ?? "{image}", prompt.Both ?? "{image}{text}", tokenizer.EncodePart);

    private static SequencePooling PoolingOf(BackbonePlan backbone, PretrainedTokenizer tokenizer) => backbone.Pooling switch
    {
        Experiments.Pooling.Mean => new SequencePooling.Mean(),
        Experiments.Pooling.Token => new SequencePooling.SpecialToken(
            tokenizer.IdOf(backbone.PoolingToken!) ?? throw new DataException($"{backbone.Folder}: '{backbone.PoolingToken}' is no token of its tokenizer.")),
        _ => new SequencePooling.LastToken(),
    };
}
