using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>Lists everything wrong with a folder of pair files, each fault by file and line.</summary>
internal static class PairChecker
{
    /// <param name="root">Absolute.</param>
    /// <param name="decode">Also decode every picture.</param>
    public static ImmutableArray<DataFault> Check(string root, bool decode)
    {
        var (faults, pictures) = (new FaultList(), new PictureCheck());
        foreach (var path in PairFolder.AllFiles(root))
        {
            var pairs = 0;
            foreach (var (number, query, target, _) in PairReader.Read(path, faults.Add))
            {
                pairs++;
                foreach (var image in ((string?[])[query.Image, target.Image]).OfType<string>())
                {
                    if (pictures.FaultOf(Path.Combine(root, image), decode) is { } fault) faults.Add(new DataFault(path, number, $"{image}: {fault}"));
                }
            }

            if (pairs == 0) faults.Add(new DataFault(path, 0, "holds no pair that can be used"));
        }

        return faults.ToImmutable();
    }
}
