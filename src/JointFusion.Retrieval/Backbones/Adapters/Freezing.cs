using JointFusion.Experiments;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Keeps parameters as they are, by patterns of their names.</summary>
public static class Freezing
{
    /// <param name="patterns">Whole names, with <c>*</c> for any characters: <c>vision_tower.*</c>.</param>
    /// <exception cref="ArgumentException">A pattern matches nothing: a slip that would train what should stay.</exception>
    public static void Freeze(nn.Module module, params IEnumerable<string> patterns)
    {
        var parameters = module.named_parameters().ToArray();
        foreach (var pattern in patterns)
        {
            var named = new NamePattern(pattern);
            var matching = Array.FindAll(parameters, pair => named.Fits(pair.name));
            if (matching.Length == 0)
                throw new ArgumentException($"No parameter is named like '{pattern}'; the first is named {parameters[0].name}.", nameof(patterns));
            foreach (var (_, parameter) in matching)
                parameter.requires_grad = false;
        }
    }
}
