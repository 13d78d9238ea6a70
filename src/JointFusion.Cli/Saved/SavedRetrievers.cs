using System.CommandLine;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;

namespace JointFusion.Cli;

/// <summary>From a folder that a user names to the retriever in it, and to the data that it is asked about.</summary>
/// <param name="error">Takes what is passed over, and progress.</param>
internal sealed class SavedRetrievers(TextWriter error)
{
    public static Option<string> DeviceOption()
    {
        var option = new Option<string>("--device") { Description = "Where to compute.", HelpName = "cpu|cuda", DefaultValueFactory = _ => "cpu" };
        option.AcceptOnlyFromAmong("cpu", "cuda");
        return option;
    }

    /// <param name="named">By the option; null: its default.</param>
    public static Device DeviceOf(string? named) => named == "cuda" ? Device.Cuda : Device.Cpu;

    /// <param name="path">A run's folder, for its newest whole checkpoint; a checkpoint's; or an exported retriever's.</param>
    /// <param name="step">Of a run's checkpoint in place of the newest.</param>
    /// <param name="dataRoot">The data that the user has named, where a run's own may be found if they have moved.</param>
    /// <exception cref="BadInputException">There is none, it is torn, or what it needs is gone.</exception>
    public SavedRetriever Open(string path, int? step, string? dataRoot, Device device)
    {
        try
        {
            if (!IsExport(path))
                return OfRun(path, step, dataRoot, device);
            return step is null
                ? SavedRetriever.OfExport(path, On(device))
                : throw new BadInputException($"{Path.GetFullPath(path)}: an exported retriever, of one step alone. Leave --checkpoint out, or give the run's folder.");
        }
        catch (Exception fault) when (fault is DataException or CheckpointException or IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(fault.Message);
        }
    }

    /// <summary>The data set to ask about: the one that the user names, else the one that it was trained on.</summary>
    /// <exception cref="BadInputException">It is gone, or no data set.</exception>
    public MbeirDataset Data(SavedRetriever retriever, string? dataRoot)
    {
        try
        {
            return dataRoot is not null ? MbeirDataset.Open(dataRoot) : retriever.Set ?? TrainedOn(retriever.Data);
        }
        catch (DataException fault)
        {
            throw new BadInputException(fault.Message);
        }
    }

    private static bool IsExport(string path)
    {
        var folder = Path.GetFullPath(path);
        return File.Exists(Path.Combine(folder, "config.json")) && !File.Exists(new RunFolder(folder).Plan);
    }

    private SavedRetriever OfRun(string path, int? step, string? dataRoot, Device device)
    {
        var (run, found) = step is { } named ? (CheckpointFolders.RunOf(path), named) : CheckpointFolders.One(path, torn => error.WriteLine($"{torn.Fault!.Message} Passed over."));
        var plan = PlanFile.Read(run);
        if (!Directory.Exists(run.Checkpoint(found)))
        {
            var there = string.Join(", ", new CheckpointCatalog(run).Glance().Select(entry => entry.Step).Order());
            throw new BadInputException($"{run.Checkpoint(found)}: there is no such checkpoint. {(there.Length > 0 ? $"There are steps {there}." : "The run has none yet.")}");
        }
        return SavedRetriever.OfRun(run, plan with { Data = Find(plan.Data, dataRoot) }, found, On(device));
    }

    /// <exception cref="BadInputException">There is no such device.</exception>
    public static TorchSharp.torch.Device On(Device device)
    {
        try
        {
            return TrainingDevice.Of(device, rank: 0);
        }
        catch (DeviceException)
        {
            throw new BadInputException("--device cuda: libtorch sees no GPU. Leave it out, or build with -p:Torch=cuda on a machine with an NVIDIA driver.");
        }
    }

    /// <summary>A run's data where they are now: where the plan says, where the user says, or in the cache where they can be built.</summary>
    private DataPlan Find(DataPlan data, string? named)
    {
        if (Directory.Exists(data.Root))
            return data;
        if (named is not null && Directory.Exists(named) && MbeirDataset.Open(named).ManifestHash == data.ManifestHash)
            return data with { Root = Path.GetFullPath(named) };
        if (data.Source.IsBuilt() && DataCatalog.Build(data.Source, outFolder: null, error) is var built && built.ManifestHash == data.ManifestHash)
            return data with { Root = built.Root };
        throw new BadInputException(
            $"{data.Root}: the data set that the run was trained on is gone, and with it the vocabulary of its texts. Bring it back, name its new place with --data, "
            + "or use an export of the run, which holds its vocabulary: jf checkpoint export.");
    }

    private MbeirDataset TrainedOn(ExportedData wanted)
    {
        DataSource? source = wanted.Name == IconsDataSet.Name ? DataSource.Icons : wanted.Name == EmojiDataSet.Name ? DataSource.Emoji : null;
        if (source is { } known && DataCatalog.Build(known, outFolder: null, error) is var built && built.ManifestHash == wanted.ManifestHash)
            return MbeirDataset.Open(built.Root);
        throw new BadInputException($"An export holds no data. Name those to ask about, with --data ROOT; it was trained on {wanted.Name}, manifest {wanted.ManifestHash}.");
    }
}
