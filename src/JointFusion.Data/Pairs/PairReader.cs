namespace JointFusion.Data;

/// <summary>The sound lines of a pair file.</summary>
internal static class PairReader
{
    /// <summary>A line with a fault is told and left out.</summary>
    public static IEnumerable<(int Number, PairItem Query, PairItem Target, MbeirTask Task)> Read(string path, Action<DataFault> onFault)
    {
        foreach (var (number, line) in JsonLines.Read<PairLine>(path, onFault))
        {
            if (FaultOf(line) is { } fault)
            {
                onFault(new DataFault(path, number, fault));
                continue;
            }

            yield return (number, Clean(line.Query!), Clean(line.Target!), MbeirTask.Find(line.Query!.Modality!.Value, line.Target!.Modality!.Value)!);
        }
    }

    private static string? FaultOf(PairLine line)
    {
        foreach (var (name, item) in ((string, PairItem?)[])[("query", line.Query), ("target", line.Target)])
        {
            if (item is null) return $"no \"{name}\"; a line is {{\"query\": {{\"text\": ..., \"image\": ...}}, \"target\": {{...}}}} with a text, an image or both in each";
            if (item.Modality is null) return $"\"{name}\" has neither a text nor an image";
            if (item.Image is { Length: > 0 } image && (Path.IsPathRooted(image) || image.Split('/', '\\').Contains("..")))
                return $"\"{name}\": the image {image} is not below the folder of the pair files; give its path from there";
        }

        var (query, target) = (line.Query!.Modality!.Value, line.Target!.Modality!.Value);
        return MbeirTask.Find(query, target) is null ? $"there is no task from {query.Name()} to {target.Name()}" : null;
    }

    private static PairItem Clean(PairItem item) => new(string.IsNullOrWhiteSpace(item.Text) ? null : item.Text, string.IsNullOrEmpty(item.Image) ? null : item.Image);
}
