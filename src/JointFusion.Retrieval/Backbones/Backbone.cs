using JointFusion.Experiments;
using static TorchSharp.torch;
using Device = TorchSharp.torch.Device;

namespace JointFusion.Retrieval;

/// <summary>A published model, from its checkpoint folder. Its parameters have the names that they have there.</summary>
/// <remarks>It computes what transformers 4.51 computes from the same folder, which <c>jf backbone check</c> compares tensor by tensor.</remarks>
public abstract class Backbone : nn.Module
{
    private protected Backbone(string name) : base(name)
    {
    }

    /// <summary>Other names that a file may have for one of the parameters, which is kept once.</summary>
    internal virtual IReadOnlyDictionary<string, string> Tied => new Dictionary<string, string>();

    /// <summary>Names of weights that this module does without: a head that was not asked for.</summary>
    internal virtual IReadOnlySet<string> Unused => new HashSet<string>();

    /// <param name="folder">With config.json, and weights as safetensors or as torch's state dicts; in one file or in several with their index.</param>
    /// <param name="type">float32 or bfloat16; weights of another type are converted while they are read.</param>
    /// <param name="languageHead">Whether it can compute logits over the vocabulary, which no embedding needs.</param>
    /// <param name="layers">Of each tower the first so many; null: all.</param>
    /// <param name="compute">What float32 weights are rounded to where they are used; null: nothing.</param>
    /// <exception cref="CheckpointException">The folder, its config or its weights cannot be used; the message names the file and the cause.</exception>
    public static Backbone Load(string folder, ScalarType type, Device device, bool languageHead = false, int? layers = null, ScalarType? compute = null)
    {
        var whole = ReadConfig(folder);
        var config = layers is { } most ? whole.Shallow(most) : whole;
        using var weights = CheckpointWeights.Open(folder);
        var backbone = Build(folder, config, new Placement(type, device, compute), languageHead);
        try
        {
            WeightLoader.Load(backbone, weights, layers is null ? [] : whole.Tensors().Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal));
            backbone.eval();
            return backbone;
        }
        catch
        {
            backbone.Dispose();
            throw;
        }
    }

    /// <summary>From now on of each layer only the input is kept for its gradient, and the rest computed twice: memory for a third more time.</summary>
    public void RecomputeLayers()
    {
        foreach (var stack in modules().OfType<IRecomputing>())
            stack.Recompute = true;
    }

    /// <summary>Computes whatever follows from the inputs that are there.</summary>
    /// <exception cref="ArgumentException">An input is missing, or they do not fit together.</exception>
    public abstract void Run(BackboneInputs inputs, Trace trace);

    private static BackboneConfig ReadConfig(string folder)
    {
        try
        {
            return BackboneConfig.Read(folder);
        }
        catch (BackboneConfigException fault)
        {
            throw new CheckpointException(fault.Path, fault.Cause, fault);
        }
    }

    private static Backbone Build(string folder, BackboneConfig config, Placement placement, bool languageHead)
    {
        try
        {
            return Backbones.Build(config, placement, languageHead);
        }
        catch (ArgumentException e)
        {
            throw new CheckpointException(Path.Combine(folder, "config.json"), $"describes no model that is known here: {e.Message}", e);
        }
    }
}
