using JointFusion.Data;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary>The data sets of the Data project.</summary>
internal sealed class DataCatalog : IDataCatalog
{
    public DataSummary Prepare(DataSpec spec) => Find(spec, trusted: false);

    public DataSummary Describe(DataSpec spec) => Find(spec, trusted: true);

    public BackboneSummary Read(RetrieverSpec spec)
    {
        try
        {
            return BackboneItems.Summarize(spec);
        }
        catch (Exception fault) when (fault is DataException or BackboneConfigException)
        {
            throw new BadInputException(fault.Message);
        }
    }

    /// <param name="source">One of the sets that are built here.</param>
    /// <param name="outFolder">Null: the cache.</param>
    /// <param name="error">Takes the progress.</param>
    /// <param name="trusted">See <see cref="IconsDataSet.Ensure"/>.</param>
    /// <exception cref="DataException">The folder holds something else, or what the set is made of cannot be had.</exception>
    public static DataSummary Build(DataSource source, string? outFolder, TextWriter error, bool trusted = false)
    {
        using var progress = new DataProgressView(error);
        return source == DataSource.Emoji
            ? EmojiDataSet.Ensure(outFolder, progress, CancellationToken.None, trusted)
            : IconsDataSet.Ensure(outFolder, progress, CancellationToken.None, trusted);
    }

    private static DataSummary Find(DataSpec spec, bool trusted)
    {
        try
        {
            return spec.Source.IsBuilt() ? Build(spec.Source, outFolder: null, Console.Error, trusted) : MbeirDataset.Open(spec.Root!, spec.Source).Summary;
        }
        catch (DataException fault)
        {
            throw new BadInputException(fault.Message);
        }
    }
}
