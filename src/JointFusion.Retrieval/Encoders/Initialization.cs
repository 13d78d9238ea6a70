using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Weights as a pure function of (seed, parameter name): no process-wide generator, the same on every rank and device count.</summary>
public static class Initialization
{
    /// <summary>Of tables, places and summary tokens.</summary>
    private const double TableDeviation = 0.02;

    /// <summary>Matrices are drawn from N(0, 1 / (3 * inputs)), as torch scales them; tables, places and summaries from N(0, 0.02^2); biases are 0; norms keep 1, the temperature its start.</summary>
    public static void Draw(nn.Module module, int seed)
    {
        using var _ = no_grad();
        var matrices = module.modules().OfType<Linear>().Select(linear => linear.weight!.Handle).ToHashSet();
        foreach (var (name, parameter) in module.named_parameters())
        {
            if (name.EndsWith(".bias", StringComparison.Ordinal))
                parameter.zero_();
            if (parameter.dim() < 2)
                continue;
            var key = SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{name}"));
            using var generator = new Generator(BinaryPrimitives.ReadUInt64LittleEndian(key));
            parameter.normal_(0, matrices.Contains(parameter.Handle) ? 1 / Math.Sqrt(3 * parameter.size(1)) : TableDeviation, generator);
        }
    }
}
