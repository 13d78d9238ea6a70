using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace JointFusion.Experiments;

/// <summary>How far each parameter is below the top of its stack of numbered layers, for rates that fall layer by layer (BEiT: Bao et al. 2022, arXiv 2106.08254).</summary>
/// <remarks>
/// Read off the names alone, in the module's order; L layers are numbered by the first number in a name:
/// <code>
///   tower.summary         L + 1    what leads into the stack: between two stacks, what shares as much of its name with the next as with the one before
///   tower.blocks.0.up     L
///   tower.blocks.L-1.up   1
///   tower.finalNorm       0        what follows, and what is in no stack, such as the temperature
/// </code>
/// </remarks>
internal static partial class LayerDepths
{
    /// <returns>In the order of the parameters.</returns>
    public static ImmutableArray<int> Of(IReadOnlyList<ParameterShape> parameters)
    {
        var layers = parameters.Select(parameter => Layer(parameter.Name)).ToArray();
        var stacks = layers.OfType<(string Stack, int Number)>().GroupBy(layer => layer.Stack, layer => layer.Number).ToDictionary(stack => stack.Key, stack => stack.Max() + 1);
        return [.. parameters.Select((parameter, i) => layers[i] is { } layer ? stacks[layer.Stack] - layer.Number : LeadsInto(parameter.Name, i) is { } next ? stacks[next] + 1 : 0)];

        string? LeadsInto(string name, int place)
        {
            var next = layers.Skip(place).FirstOrDefault(layer => layer is not null)?.Stack;
            var before = layers.Take(place).LastOrDefault(layer => layer is not null)?.Stack;
            var shared = next is null ? 0 : Shared(name, next);
            return shared > 0 && shared >= (before is null ? 0 : Shared(name, before)) ? next : null;
        }
    }

    private static (string Stack, int Number)? Layer(string name) =>
        Numbered().Match(name) is { Success: true } match && int.TryParse(match.Groups["number"].ValueSpan, out var number) ? (match.Groups["stack"].Value, number) : null;

    /// <summary>Segments with which both names begin.</summary>
    private static int Shared(string name, string stack) => name.Split('.').Zip(stack.Split('.')).TakeWhile(pair => pair.First == pair.Second).Count();

    [GeneratedRegex(@"^(?<stack>.+?)\.(?<number>\d+)\.")]
    private static partial Regex Numbered();
}
