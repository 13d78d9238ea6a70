using JointFusion.Experiments;

namespace JointFusion.Data;

/// <summary>The icons set: built once from the icon package beside the program, then reused.</summary>
public static class IconsDataSet
{
    public const string Name = "icons";

    /// <summary>M-BEIR's own sets take 0 to 9.</summary>
    public const int DataSetId = 10;

    private const string Package = "Microsoft.FluentUI.AspNetCore.Components.Icons 5.0.1 (MIT)";
    internal const string CacheName = "icons-5.0.1-2";

    /// <summary>Returns the set, built first where it is not whole. Processes that build at the same time do the work twice, and agree.</summary>
    /// <param name="outFolder">Null: the cache ($JF_CACHE, else the user's), where a damaged set is replaced.</param>
    /// <param name="trusted">Whether a manifest is believed without a look at the size of each file: for who reads none of them.</param>
    /// <exception cref="DataException"><paramref name="outFolder"/> holds something else, or the icon package is not beside the program.</exception>
    public static DataSummary Ensure(string? outFolder, IProgress<DataProgress>? progress, CancellationToken cancellation, bool trusted = false)
    {
        var isCache = outFolder is null;
        var layout = new MbeirLayout(Path.GetFullPath(outFolder ?? Path.Combine(UserFolders.Cache, CacheName)));
        var folder = new DerivedFolder(layout, replaceable: isCache);
        return folder.Ensure(builder => Build(builder, progress, cancellation), progress, trusted).Summarize(layout);
    }

    private static DataManifest Build(MbeirLayout layout, IProgress<DataProgress>? progress, CancellationToken cancellation)
    {
        progress?.Report(new DataProgress("reading the icon package", 0, 1));
        var drawings = IconAssemblyReader.Read(Path.Combine(AppContext.BaseDirectory, "icons"));
        progress?.Report(new DataProgress("reading the icon package", 1, 1));
        return new DrawnSetWriter(layout, IconSet.Create(drawings, progress, cancellation)).Write(Package, CacheName, progress, cancellation);
    }
}
