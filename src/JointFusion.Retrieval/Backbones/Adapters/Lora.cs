using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Adapts a backbone's projections, trains nothing else of it, and merges what was learned into its weights.</summary>
public static class Lora
{
    private const string Weight = ".weight";

    /// <summary>Freezes every parameter of the backbone and adds trainable ones, which change nothing yet: A is drawn, B is zero.</summary>
    /// <param name="seed">A's values are a pure function of it and the projection's name.</param>
    /// <exception cref="ArgumentException">No projection is a target, or the rank is none.</exception>
    public static void Attach(Backbone backbone, LoraSpec spec, int seed) => Attach(backbone, spec, $"{seed}");

    /// <param name="seed">A's values are a pure function of it and the projection's name.</param>
    /// <inheritdoc cref="Attach(Backbone, LoraSpec, int)"/>
    public static void Attach(Backbone backbone, LoraSpec spec, string seed)
    {
        foreach (var (path, a, b) in AttachUnfilled(backbone, spec))
        {
            using var _ = no_grad();
            Draw(a, $"{seed}/{path}");
            b.zero_();
        }
    }

    /// <summary>Gives B values of its own as well: where it is zero, A's gradient is, and no check of gradients sees anything of A.</summary>
    public static void DrawUp(Backbone backbone, string seed)
    {
        using var _ = no_grad();
        foreach (var (path, projection) in Adapted(backbone))
            projection.DrawUp(b => Draw(b, $"{seed}/{path}/up"));
    }

    /// <summary>Folds every change into the weight it belongs to. The weights stay frozen.</summary>
    public static void Merge(Backbone backbone)
    {
        foreach (var (_, projection) in Adapted(backbone))
            projection.Merge();
    }

    /// <returns>By projection, the new parameters.</returns>
    /// <exception cref="ArgumentException">No projection is a target, or the rank is none.</exception>
    internal static IReadOnlyList<(string Path, Parameter A, Parameter B)> AttachUnfilled(Backbone backbone, LoraSpec spec)
    {
        if (spec.Rank < 1)
            throw new ArgumentException($"A rank of {spec.Rank}.", nameof(spec));
        var projections = Projections(backbone);
        var targets = projections.FindAll(pair => spec.Targets.Include(pair.Path));
        if (targets.Count == 0)
            throw new ArgumentException(
                $"No projection is a target. There are {string.Join(", ", projections.Select(pair => pair.Path[(pair.Path.LastIndexOf('.') + 1)..]).Distinct().Order(StringComparer.Ordinal))}.",
                nameof(spec));
        foreach (var parameter in backbone.parameters())
            parameter.requires_grad = false;
        var added = new List<(string, Parameter, Parameter)>();
        foreach (var (path, projection) in targets)
        {
            var (a, b) = projection.Adapt(spec.Rank, spec.Scale);
            added.Add((path, a, b));
        }
        return added;
    }

    internal static IEnumerable<(string Path, Projection Projection)> Adapted(Backbone backbone) => Projections(backbone).Where(pair => pair.Projection.IsAdapted);

    /// <summary>Those of the model itself, not those that adapt them. Named by their weights: TorchSharp comes twice to a module that lies in a list.</summary>
    private static List<(string Path, Projection Projection)> Projections(Backbone backbone)
    {
        var named = new List<(string, Projection)>();
        var byWeight = backbone.modules().OfType<Projection>().DistinctBy(projection => projection.WeightHandle).ToDictionary(projection => projection.WeightHandle);
        foreach (var (name, parameter) in backbone.named_parameters())
            if (byWeight.TryGetValue(parameter.Handle, out var projection) && name.EndsWith(Weight, StringComparison.Ordinal) && !name.Contains(".lora_", StringComparison.Ordinal))
                named.Add((name[..^Weight.Length], projection));
        return named;
    }

    /// <summary>Uniform within 1 / sqrt(inputs), as PEFT draws A. Drawn on the CPU: the same on every device.</summary>
    private static void Draw(Parameter a, string key)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(key))));
        var limit = 1 / Math.Sqrt(a.size(1));
        a.copy_(empty(a.shape, a.dtype).uniform_(-limit, limit, generator));
    }
}
