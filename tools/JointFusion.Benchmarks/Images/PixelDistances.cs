namespace JointFusion.Benchmarks;

/// <summary>How far results are apart, in grey levels of 255.</summary>
internal static class PixelDistances
{
    public static string Note(string pictures, int count, PictureLoader pil, PictureLoader own)
    {
        var (theirs, exact) = (pil.Pixels("bicubic"), own.Pixels("exact"));
        return $"{count} pictures {pictures}, {exact.Length:N0} samples, in grey levels of 255. Exact from PIL: {Text(exact, theirs)}. "
            + $"Fast from exact: {Text(own.Pixels("fast"), exact)}. PIL's draft mode from PIL: {Text(pil.Pixels("draft"), theirs)}.";
    }

    private static string Text(byte[] one, byte[] other)
    {
        if (one.Length != other.Length) throw new InvalidOperationException($"{one.Length} and {other.Length} samples cannot be compared.");
        var distances = one.Zip(other, (a, b) => Math.Abs(a - b)).ToArray();
        return $"mean {distances.Average():0.000}, largest {distances.Max()}, {100.0 * distances.Count(distance => distance > 0) / distances.Length:0.0} % differ";
    }
}
