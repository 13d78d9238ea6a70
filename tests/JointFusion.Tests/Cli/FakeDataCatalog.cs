using JointFusion.Cli;
using JointFusion.Data;
using JointFusion.Experiments;

namespace JointFusion.Tests;

/// <summary>Gives the same data set to all, and remembers who asked.</summary>
internal sealed class FakeDataCatalog(DataSummary summary) : IDataCatalog
{
    public List<DataSpec> Asked { get; } = [];

    public DataSummary Prepare(DataSpec spec)
    {
        Asked.Add(spec);
        return summary;
    }

    public BackboneSummary Read(RetrieverSpec spec) => BackboneItems.Summarize(spec);
}
