using System.Diagnostics;
using JointFusion.Training;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>A real file system of 64 MiB that fills up under a real run. Needs root, to mount it; runs only when asked for.</summary>
public sealed class FullDiskSoak
{
    private const string Size = "64m";

    /// <summary>Bytes: room for metrics, journal and logs, but not for a checkpoint of nano (5 MB).</summary>
    private const long Left = 2 << 20;

    /// <summary>Bytes: room for three such checkpoints. The rest is filled before the run begins, which may otherwise end before its disk is full.</summary>
    private const long Room = 24 << 20;

    private readonly string data = TinySet.Create();

    [Fact(Explicit = true)]
    public async Task Should_TrainOnSayWhatIsMissingAndKeepWhatIsWhole_When_TheDiskIsFull()
    {
        Assert.SkipUnless(Environment.UserName == "root", "Mounting a small file system needs root.");
        var undisturbed = new SmallExperiment(data, workers: 2, fusions: "early");
        var ended = await undisturbed.RunAsync();
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);

        var experiment = new SmallExperiment(data, workers: 2, fusions: "early");
        var disk = Directory.CreateDirectory(Path.Combine(experiment.Folder, "runs")).FullName;
        await Command("mount", "-t", "tmpfs", "-o", $"size={Size}", "jointfusion-soak", disk);
        try
        {
            ended = await FillAndEmpty(experiment, disk);
            Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
            Assert.Contains("No space left on device", ended.Output, StringComparison.Ordinal);
            Assert.Equal(Steps(undisturbed), Steps(experiment));
            Assert.Equal(FinalWeights(undisturbed), FinalWeights(experiment));
        }
        finally
        {
            await Command("umount", "--lazy", disk);
        }
    }

    private static async Task<JfResult> FillAndEmpty(SmallExperiment experiment, string disk)
    {
        await FillAsync(Path.Combine(disk, "earlier"), Room);
        await using var jf = experiment.Start();
        await experiment.StepTakenAsync(10);
        var ballast = Path.Combine(disk, "ballast");
        var warned = jf.LineAsync("early: warning of rank 0: The checkpoint of step ");
        while (!warned.IsCompleted) // An older checkpoint that is retired makes room again.
        {
            await FillAsync(ballast, Left);
            await Task.WhenAny(warned, Task.Delay(TimeSpan.FromMilliseconds(10), TestContext.Current.CancellationToken));
        }
        await warned;
        var whole = new CheckpointCatalog(experiment.Result.Run("early")).List();
        Assert.NotEmpty(whole);
        Assert.All(whole, entry => Assert.True(entry.IsWhole, entry.Fault?.Message));
        File.Delete(ballast);
        return await jf.EndAsync();
    }

    /// <param name="left">Bytes that its disk has free afterwards.</param>
    private static async Task FillAsync(string path, long left)
    {
        await using var file = new FileStream(path, FileMode.Append);
        var chunk = new byte[1 << 20];
        while (new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace > left + chunk.Length)
        {
            await file.WriteAsync(chunk, TestContext.Current.CancellationToken);
            await file.FlushAsync(TestContext.Current.CancellationToken);
        }
    }

    private static async Task Command(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private static IEnumerable<(int Step, double Loss, string Ledger)> Steps(SmallExperiment experiment) =>
        experiment.Metrics().Select(step => (step.Step, step.Loss, step.Ledger));

    private static byte[] FinalWeights(SmallExperiment experiment) =>
        File.ReadAllBytes(Path.Combine(experiment.Result.Run("early").Checkpoint(SmallExperiment.Steps), "weights.safetensors"));
}
