using System.Collections.Immutable;
using System.Text.Json;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>A backbone sees (pixel - Mean) / Std, channel by channel, with pixels from 0 to 1.</summary>
/// <param name="Mean">Of red, green and blue.</param>
public sealed record ChannelScale(ImmutableArray<double> Mean, ImmutableArray<double> Std)
{
    private const int Channels = 3;

    /// <summary>That of the folder's preprocessor_config.json.</summary>
    /// <exception cref="CheckpointException">It is missing, or has no such numbers.</exception>
    public static ChannelScale Read(string folder)
    {
        var path = Path.Combine(folder, "preprocessor_config.json");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return new ChannelScale(Numbers(document, "image_mean"), Numbers(document, "image_std"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new CheckpointException(path, $"does not say how pictures are normalised: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be read: {e.Message}", e);
        }
    }

    /// <param name="patches_NPX">Pixels from 0 to 1; X = 3 times the pixels of a patch, channel by channel.</param>
    /// <returns>Normalised, of the same shape.</returns>
    internal Tensor Apply(Tensor patches_NPX)
    {
        var channels = patches_NPX.unflatten(2, Channels, -1);
        return ((channels - Column(Mean, patches_NPX)) / Column(Std, patches_NPX)).flatten(2, 3);
    }

    private static Tensor Column(ImmutableArray<double> numbers, Tensor like) => tensor(numbers.ToArray(), like.dtype).Sent(like.device).view(Channels, 1);

    private static ImmutableArray<double> Numbers(JsonDocument document, string name)
    {
        ImmutableArray<double> numbers = [.. document.RootElement.GetProperty(name).EnumerateArray().Select(number => number.GetDouble())];
        return numbers.Length == Channels ? numbers : throw new FormatException($"{name} has {numbers.Length} numbers, not {Channels}.");
    }
}
