using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary>The data sets of the Data project.</summary>
internal sealed class DataCatalog : IDataCatalog
{
    public DataSummary Prepare(DataSpec spec) => throw new BadInputException($"data source {spec.Source}: not part of this build.");
}
