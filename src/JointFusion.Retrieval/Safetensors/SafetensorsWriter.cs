namespace JointFusion.Retrieval;

/// <summary>Writes tensors in the safetensors format, streaming: no copy of the file is ever in memory.</summary>
public static class SafetensorsWriter
{
    /// <summary>Writes the tensors ordered by element size (largest first), then name, so that equal tensors give equal files.</summary>
    /// <param name="tensors">Contiguous in CPU memory, under names of their own.</param>
    /// <param name="format">See <see cref="SafetensorsHeader.Format"/>.</param>
    /// <exception cref="ArgumentException">Two tensors share a name, or one is not contiguous in CPU memory.</exception>
    public static void Write(Stream stream, IEnumerable<NamedTensor> tensors, string? format = null) => Write(stream, [.. tensors.Select(TensorImage.Over)], format);

    public static void Write(Stream stream, IReadOnlyCollection<TensorImage> tensors, string? format = null)
    {
        TensorImage[] ordered = [.. tensors.OrderByDescending(tensor => SafetensorsTypes.SizeOf(tensor.Type)).ThenBy(tensor => tensor.Name, StringComparer.Ordinal)];
        if (ordered.GroupBy(tensor => tensor.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Two tensors are named '{twice.Key}'.", nameof(tensors));
        stream.Write(SafetensorsHeader.Format(ordered, format));
        foreach (var tensor in ordered) tensor.WriteTo(stream);
    }
}
