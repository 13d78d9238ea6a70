using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>Checkpoints in S3-compatible storage: what is there, what comes back, and what becomes of a run that cannot reach it.</summary>
public sealed class MirrorTests(S3Server storage) : IClassFixture<S3Server>
{
    private const string Mirror = $"s3://{S3Server.Bucket}/some/prefix";

    private static readonly Lazy<string> Data = new(TinySet.Create);

    [Fact]
    public async Task Should_GoOnElsewhereToTheSameEnd_When_AStoppedRunIsPulled()
    {
        storage.Require();
        var whole = NewExperiment();
        var ended = await whole.RunAsync();
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
        Assert.DoesNotContain("was not copied", ended.Output, StringComparison.Ordinal);
        var there = await ListAsync(whole);
        Assert.All(there, checkpoint => Assert.True(checkpoint.Whole));
        Assert.Equal(SmallExperiment.Steps, there[0].Step);
        Assert.Equal(2, there.Length);

        var stopped = NewExperiment();
        await using (var jf = stopped.Start())
        {
            await stopped.StepTakenAsync(23);
            jf.Interrupt();
            var end = await jf.EndAsync();
            Assert.True(end.ExitCode == 130, end.Output + end.Errors);
        }
        var newest = Directory.GetDirectories(stopped.Result.Run("early").Checkpoints, "step-*").Max()!;
        var elsewhere = TestPaths.NewFolder("elsewhere");
        var pulled = await JfAsync(elsewhere, "checkpoint", "pull", AddressOf(stopped), "--json");
        Assert.True(pulled.ExitCode == 0, pulled.Output + pulled.Errors);
        using var told = JsonDocument.Parse(pulled.Output);
        Assert.Equal(newest, Path.Combine(stopped.Result.Run("early").Checkpoints, $"step-{told.RootElement.GetProperty("runs")[0].GetProperty("step").GetInt32():D6}"));
        var folder = new ExperimentFolder(told.RootElement.GetProperty("folder").GetString()!);
        Assert.Equal(Path.Combine(elsewhere, "runs", Path.GetFileName(stopped.Result.Path)), folder.Path);
        Assert.Equal(Files(newest), Files(Path.Combine(folder.Run("early").Checkpoints, Path.GetFileName(newest))));

        var resumed = await JfAsync(elsewhere, "run", "--resume", folder.Path);

        Assert.True(resumed.ExitCode == 0, resumed.Output + resumed.Errors);
        Assert.Equal(Training(whole.Result.Run("early")), Training(folder.Run("early")));
        Assert.Equal(Weights(whole.Result.Run("early")), Weights(folder.Run("early")));
        Assert.Equal(Outcomes(whole.Result.Run("early")), Outcomes(folder.Run("early")));
        Assert.Equal(SmallExperiment.Steps, (await ListAsync(stopped))[0].Step);
        var again = await JfAsync(elsewhere, "checkpoint", "pull", AddressOf(stopped));
        Assert.Equal(2, again.ExitCode);
        Assert.Contains($"{folder.Path}: is there already.", again.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Should_TrainToTheEndAndWarn_When_StorageIsLostMeanwhile()
    {
        await using var lost = new S3Server();
        await lost.InitializeAsync();
        lost.Require();
        var experiment = new SmallExperiment(Data.Value, workers: 2, fusions: "early", Mirror, lost.Environment);
        await using var jf = experiment.Start();
        await experiment.StepTakenAsync(8);
        await lost.KillAsync();

        var ended = await jf.EndAsync();

        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
        Assert.Equal(SmallExperiment.Steps, experiment.Metrics().Count);
        Assert.Contains($"The checkpoint of step {SmallExperiment.Steps} was not copied to {AddressOf(experiment)}; it is on disk", ended.Output, StringComparison.Ordinal);
        Assert.Contains("storage cannot be reached: Connection refused. Check AWS_ENDPOINT_URL", ended.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Mirror, "AWS_ACCESS_KEY_ID", "SOMEBODY", "access is refused: ")]
    [InlineData("s3://nobodys-bucket/some/prefix", "AWS_REGION", "us-east-1", "there is no bucket 'nobodys-bucket'. Create it, or give the address of another.")]
    public async Task Should_RefuseBeforeTraining_When_StorageDoes(string mirror, string name, string value, string cause)
    {
        storage.Require();
        var experiment = new SmallExperiment(Data.Value, workers: 2, fusions: "early", mirror, storage.Environment.SetItem(name, value));

        var refused = await experiment.RunAsync();

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("rank ", refused.Errors, StringComparison.Ordinal);
        Assert.Contains($"{mirror}/{Path.GetFileName(experiment.Result.Path)}", refused.Errors, StringComparison.Ordinal);
        Assert.Contains($"cannot mirror checkpoints here: {cause}", refused.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(experiment.Result.Run("early").Metrics));
    }

    private SmallExperiment NewExperiment() => new(Data.Value, workers: 2, fusions: "early", Mirror, storage.Environment);

    private Task<JfResult> JfAsync(string folder, params IEnumerable<string> arguments) => JfProcess.RunAsync(folder, storage.Environment, arguments);

    private static string AddressOf(SmallExperiment experiment) => $"{Mirror}/{Path.GetFileName(experiment.Result.Path)}";

    private async Task<ImmutableArray<Listed>> ListAsync(SmallExperiment experiment)
    {
        var listed = await JfAsync(experiment.Folder, "checkpoint", "ls", AddressOf(experiment), "--json");
        Assert.True(listed.ExitCode == 0, listed.Output + listed.Errors);
        return JsonSerializer.Deserialize<ImmutableArray<Listed>>(listed.Output, JointFusionJson.File);
    }

    private static Dictionary<string, string> Files(string folder) =>
        Directory.GetFiles(folder).ToDictionary(path => Path.GetFileName(path), path => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))));

    private static string Outcomes(RunFolder run) => File.ReadAllText(run.Outcomes);

    private static byte[] Weights(RunFolder run) => File.ReadAllBytes(Path.Combine(run.Checkpoint(SmallExperiment.Steps), "weights.safetensors"));

    private static IEnumerable<(int Step, double Loss, double Norm, string Ledger)> Training(RunFolder run) =>
        SmallExperiment.MetricsOf(run).Select(step => (step.Step, step.Loss, step.GradientNorm, step.Ledger));

    private sealed record Listed(string Run, int Step, long Bytes, bool Whole);
}
