using System.Text.Json;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Training;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>A few steps of training on the cards, evaluated and saved; shared by tests that only read it.</summary>
public sealed class CardRun : IDisposable
{
    public const int Steps = 12, Adapted = 6;
    private readonly CardSet cards = new();
    private readonly RunInProcess run;

    public CardRun()
    {
        run = new RunInProcess(cards.Summary, every: Adapted, steps: Steps);
        run.Run(workers: 1);
    }

    public RunFolder Folder => run.Folder;

    public RunPlan Plan => JsonSerializer.Deserialize<RunPlan>(File.ReadAllText(Folder.Plan), JointFusionJson.File)!;

    public string Root => cards.Root;

    public MbeirDataset Data => MbeirDataset.Open(cards.Root);

    public SavedRetriever Open(int step = Steps) => SavedRetriever.OfRun(Folder, Plan, step, CPU);

    public void Dispose()
    {
        run.Dispose();
        cards.Dispose();
    }
}
