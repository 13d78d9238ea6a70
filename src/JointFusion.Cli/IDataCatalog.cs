using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary>Makes data sets ready on disk.</summary>
public interface IDataCatalog
{
    /// <summary>Builds the icons set into its cache if it is not there, or opens an M-BEIR folder.</summary>
    /// <exception cref="BadInputException">The folder is not a data set; the message lists its faults.</exception>
    DataSummary Prepare(DataSpec spec);
}
