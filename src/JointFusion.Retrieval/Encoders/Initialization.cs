using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Weights as a pure function of (seed, parameter name): no process-wide generator, the same on every rank and device count.</summary>
public static class Initialization
{
    private const double Deviation = 0.02;

    /// <summary>Matrices, tables and positions are drawn from N(0, 0.02); biases are 0; norms keep 1, the temperature its start.</summary>
    public static void Draw(nn.Module module, int seed)
    {
        using var _ = no_grad();
        foreach (var (name, parameter) in module.named_parameters())
        {
            if (name.EndsWith(".bias", StringComparison.Ordinal))
                parameter.zero_();
            if (parameter.dim() < 2)
                continue;
            var key = SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{name}"));
            using var generator = new Generator(BinaryPrimitives.ReadUInt64LittleEndian(key));
            parameter.normal_(0, Deviation, generator);
        }
    }
}
