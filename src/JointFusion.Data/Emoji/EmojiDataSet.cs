using JointFusion.Experiments;

namespace JointFusion.Data;

/// <summary>The emoji set: built once from three npm packages, then reused.</summary>
public static class EmojiDataSet
{
    public const string Name = "emoji";

    /// <summary>Icons have 10.</summary>
    public const int DataSetId = 11;

    private const string CacheName = "emoji-1";

    /// <inheritdoc cref="IconsDataSet.Ensure"/>
    /// <exception cref="DataException"><paramref name="outFolder"/> holds something else, or a package cannot be fetched.</exception>
    public static DataSummary Ensure(string? outFolder, IProgress<DataProgress>? progress, CancellationToken cancellation, bool trusted = false)
    {
        var layout = new MbeirLayout(Path.GetFullPath(outFolder ?? Path.Combine(UserFolders.Cache, CacheName)));
        var folder = new DerivedFolder(layout, replaceable: outFolder is null);
        return folder.Ensure(builder => Build(builder, progress, cancellation), progress, trusted).Summarize(layout);
    }

    private static DataManifest Build(MbeirLayout layout, IProgress<DataProgress>? progress, CancellationToken cancellation)
    {
        progress?.Report(new DataProgress("fetching the emoji packages", 0, 1));
        var drawings = EmojiPackages.Read(new NpmArchives(Path.Combine(UserFolders.Cache, "npm")));
        progress?.Report(new DataProgress("fetching the emoji packages", 1, 1));
        return new DrawnSetWriter(layout, EmojiSet.Create(drawings, progress, cancellation)).Write(EmojiPackages.Source, CacheName, progress, cancellation);
    }
}
