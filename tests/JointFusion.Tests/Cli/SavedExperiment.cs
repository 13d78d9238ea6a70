using System.Text.Json;
using JointFusion.Data;
using JointFusion.Experiments;

namespace JointFusion.Tests;

/// <summary>An experiment's folder with two runs and checkpoints, as `jf run` leaves them, but for the weights: any bytes do where none are read as tensors.</summary>
internal sealed class SavedExperiment : IDisposable
{
    public const string Early = "early", Score = "score";
    private readonly TemporaryFolder root = new();

    public SavedExperiment()
    {
        LearnVocabulary("a red square", "a gray square");
        var set = Data.Open();
        Plan = Plans.Of(SpecTexts.Spec(SpecTexts.Valid), Plans.Data with { Root = set.Root, ManifestHash = set.ManifestHash, VocabularySize = set.Tokenizer.VocabularySize });
        Directory.CreateDirectory(Folder.Runs);
        File.WriteAllText(Folder.Spec, SpecTexts.Valid);
        foreach (var run in (string[])[Early, Score])
        {
            Directory.CreateDirectory(Folder.Run(run).Path);
            File.WriteAllText(Folder.Run(run).Plan, JsonSerializer.Serialize(Plan with { Run = run }, JointFusionJson.File));
        }
    }

    /// <summary>Hand-written, though the plan calls it icons.</summary>
    public SmallSet Data { get; } = new();

    public RunPlan Plan { get; }
    public ExperimentFolder Folder => new(Path.Combine(root.Path, "small"));
    public string Target => Path.Combine(root.Path, "exports", "early");

    /// <summary>Everything beside the experiment: empty as long as nothing was exported.</summary>
    public IEnumerable<string> Created => Directory.GetFileSystemEntries(root.Path).Where(path => path != Folder.Path);

    /// <summary>2,000 bytes of weights, 4,000 of optimizer, all of them the step's lowest byte.</summary>
    public string Save(string run, int step) => SavedCheckpoint.Write(Folder.Run(run), Plan with { Run = run }, step);

    /// <summary>Beside the data, in place of the one before.</summary>
    public void LearnVocabulary(params string[] texts) => File.WriteAllBytes(Data.In("vocabulary.json"), VocabularyBuilder.Build(texts).ToJson());

    public void ReplaceInPlan(string run, string text, string by)
    {
        var path = Folder.Run(run).Plan;
        File.WriteAllText(path, File.ReadAllText(path).Replace(text, by));
    }

    public static void Flip(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        var bytes = File.ReadAllBytes(path);
        bytes[^5] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    public static void Truncate(string folder, string name, int bytes)
    {
        using var file = File.OpenWrite(Path.Combine(folder, name));
        file.SetLength(bytes);
    }

    public void Dispose()
    {
        Data.Dispose();
        root.Dispose();
    }
}
