using System.Text.Json;
using JointFusion.Cli;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

public sealed class DoctorTests
{
    [Fact]
    public async Task Should_FindEqualGradients_When_AskedForParity()
    {
        var experiment = new SmallExperiment(TinySet.Create(), workers: 3, fusions: "early, score, feature");
        var ended = await JfProcess.RunAsync(experiment.Folder, "doctor", "--parity", experiment.Spec, "--json");
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
        var checks = JsonSerializer.Deserialize<ParityCheck[]>(ended.Output, JointFusionJson.File)!;
        Assert.Equal(["early", "early", "score", "score", "feature", "feature"], checks.Select(check => check.Run));
        Assert.Equal(["adaptation", "instruction"], checks.Select(check => check.Stage).Distinct());
        Assert.All(checks, check => Assert.True(check is { Holds: true, Ranks: 3, Difference: > 0 and < 1e-12 }, check.ToString()));
        Assert.False(Directory.Exists(Path.Combine(experiment.Folder, "runs")));
    }
}
