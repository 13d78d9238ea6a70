using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary>Makes data sets ready on disk, and reads the folders of published models.</summary>
public interface IDataCatalog
{
    /// <summary>Builds a set of this project into its cache if it is not there, or opens an M-BEIR folder.</summary>
    /// <exception cref="BadInputException">The folder is not a data set; the message lists its faults.</exception>
    DataSummary Prepare(DataSpec spec);

    /// <summary>The same for who reads no file of it: a set that is there is as its manifest says, without a look at each of its thousands of files.</summary>
    /// <inheritdoc cref="Prepare" path="/exception"/>
    DataSummary Describe(DataSpec spec);

    /// <summary>Reads a published model's folder, as a valid spec names it; its large files are hashed once and remembered.</summary>
    /// <exception cref="BadInputException">A file is missing, or has a part that is not supported.</exception>
    BackboneSummary Read(RetrieverSpec spec);
}
