using TorchSharp.Modules;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

internal static class RegisteredParameters
{
    /// <summary>A module's own parameter by its registered name. A change of type or device makes new ones and sets only fields of that very name, which published names are not.</summary>
    public static Parameter Registered(this nn.Module module, string name) =>
        module.get_parameter(name) ?? throw new ArgumentException($"No parameter is named {name}.", nameof(name));
}
