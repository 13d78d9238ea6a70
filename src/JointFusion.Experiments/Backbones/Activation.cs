namespace JointFusion.Experiments;

/// <summary>The nonlinearity of an MLP.</summary>
public enum Activation
{
    /// <summary>x sigmoid(1.702 x).</summary>
    QuickGelu,

    /// <summary>x Phi(x).</summary>
    Gelu,

    /// <summary>Its approximation by a hyperbolic tangent.</summary>
    GeluTanh,

    /// <summary>x sigmoid(x).</summary>
    Silu,
}

/// <summary>The names that configs have for activations.</summary>
public static class ActivationNames
{
    private static readonly Dictionary<string, Activation> Names = new(StringComparer.Ordinal)
    {
        ["gelu"] = Activation.Gelu,
        ["gelu_pytorch_tanh"] = Activation.GeluTanh,
        ["quick_gelu"] = Activation.QuickGelu,
        ["silu"] = Activation.Silu,
    };

    /// <exception cref="ArgumentException">It is not known.</exception>
    public static Activation Parse(string name) => Names.TryGetValue(name, out var activation)
        ? activation
        : throw new ArgumentException($"the activation '{name}' is not known; known are {string.Join(", ", Names.Keys.Order(StringComparer.Ordinal))}");
}
