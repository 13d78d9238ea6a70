using JointFusion.Cli;
using JointFusion.Data;
using JointFusion.Experiments;

namespace JointFusion.Tests;

/// <summary>Gives the same data set to all, and remembers who asked.</summary>
internal sealed class FakeDataCatalog(DataSummary summary) : IDataCatalog
{
    public List<DataSpec> Asked { get; } = [];

    /// <summary>Of those, whose files were to be there too.</summary>
    public int Prepared { get; private set; }

    public DataSummary Prepare(DataSpec spec)
    {
        Prepared++;
        return Describe(spec);
    }

    public DataSummary Describe(DataSpec spec)
    {
        Asked.Add(spec);
        return summary;
    }

    public BackboneSummary Read(RetrieverSpec spec) => BackboneItems.Summarize(spec);
}
