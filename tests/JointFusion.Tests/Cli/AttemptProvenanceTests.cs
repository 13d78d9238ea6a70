using System.Text.Json;
using JointFusion.Cli;
using JointFusion.Experiments;
using JointFusion.Orchestration;
using JointFusion.Training;
using Xunit;

namespace JointFusion.Tests;

/// <summary>What is written down of an attempt, and which ranks are refused.</summary>
public sealed class AttemptProvenanceTests : IDisposable
{
    private static readonly RunPlan Plan = Plans.Of(SpecTexts.Spec(SpecTexts.Valid), Plans.Data);
    private static readonly WorkerBinary One = new("1.0", "c0ffee", new string('1', 32)), Other = new("1.1", null, new string('2', 32));
    private readonly TemporaryFolder folder = new();

    private RunFolder Run => new(folder.Path);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Should_write_a_line_an_attempt_and_warn_when_another_build_goes_on()
    {
        Assert.Empty(Establish(generation: 1, One, One).Warnings);
        var (errors, warnings) = Establish(generation: 2, Other, Other);

        Assert.All(errors, Assert.Null);
        Assert.Contains($"build {Other.Hash}", Assert.Single(warnings), StringComparison.Ordinal);
        var lines = File.ReadAllLines(Run.Provenance).Select(line => JsonSerializer.Deserialize<RunProvenance>(line, JointFusionJson.Line)!).ToList();
        Assert.Equal([(1, "1.0", "c0ffee", One.Hash), (2, "1.1", null, Other.Hash)], lines.Select(line => (line.Generation, line.Version, line.Commit, line.Binary)));
        Assert.All(lines, line => Assert.Equal((Plan.Data.ManifestHash, Plan.ScienceHash, Environment.MachineName), (line.Data, line.ScienceHash, line.Host)));
        Assert.Equal(lines, JointFusion.Dashboard.ExperimentReader.ReadProvenance(Run));
    }

    [Fact]
    public void Should_refuse_on_every_rank_by_name_when_builds_differ()
    {
        var (errors, _) = Establish(generation: 1, One, One, Other);

        Assert.All(errors, error => Assert.Contains(
            $"rank 2 on {Environment.MachineName} has the build {Other.Hash}, rank 0 on {Environment.MachineName} has {One.Hash}", Assert.IsType<RefusedOrderException>(error).Message, StringComparison.Ordinal));
        Assert.False(File.Exists(Run.Provenance));
    }

    [Fact]
    public void Should_be_another_build_when_a_file_that_computes_is_another()
    {
        foreach (var name in (string[])["JointFusion.Training.dll", "JointFusion.Retrieval.dll", "JointFusion.Dashboard.dll"])
            File.Copy(Path.Combine(AppContext.BaseDirectory, name), folder.In(name));
        var own = WorkerBinary.Of(folder.Path, "0.1.0+abc");
        Assert.Equal(("0.1.0", "abc", own), (own.Version, own.Commit, WorkerBinary.Of(folder.Path, "0.1.0+abc")));

        File.Copy(Path.Combine(AppContext.BaseDirectory, "JointFusion.Data.dll"), folder.In("JointFusion.Dashboard.dll"), overwrite: true);
        Assert.Equal(own, WorkerBinary.Of(folder.Path, "0.1.0+abc")); // Pages compute nothing.
        File.Copy(Path.Combine(AppContext.BaseDirectory, "JointFusion.Data.dll"), folder.In("JointFusion.Training.dll"), overwrite: true);
        Assert.NotEqual(own.Hash, WorkerBinary.Of(folder.Path, "0.1.0+abc").Hash);
        Assert.NotEqual(own.Hash, WorkerBinary.Own.Hash);
    }

    /// <summary>Ranks as threads, each of the build it is given.</summary>
    private (Exception?[] Errors, List<string> Warnings) Establish(int generation, params WorkerBinary[] builds)
    {
        var groups = LocalProcessGroup.Create(builds.Length);
        var errors = new Exception?[builds.Length];
        List<string> warnings = [];
        var threads = builds.Select((build, rank) => new Thread(() =>
            errors[rank] = Record.Exception(() => AttemptProvenance.Establish(Plan, Run, generation, groups[rank], build, warnings.Add)))).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        foreach (var group in groups)
            group.Dispose();
        return (errors, warnings);
    }
}
