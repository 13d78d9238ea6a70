using System.Collections.Immutable;
using System.Runtime.Versioning;
using System.Text.Json;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>`jf doctor` on a machine as it is, beside a server and with a secret that is none.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DeploymentTests : IAsyncLifetime
{
    private readonly ServedCluster cluster = new(TestPaths.Cache);

    public async ValueTask InitializeAsync() => await cluster.StartServerAsync();

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Fact]
    public async Task Should_FindAServerWhole_And_NameWhatIsNot()
    {
        var (code, whole) = await ExamineAsync();
        Assert.Equal((0, "ok"), (code, whole["libtorch"]));
        Assert.Equal(("ok", "ok", "ok", "ok"), (whole["root"], whole["journal"], whole["tokens"], whole["port"]));

        File.SetUnixFileMode(Path.Combine(cluster.Folder, "root", "attempts.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        var (broken, findings) = await ExamineAsync();
        Assert.Equal((1, "fail"), (broken, findings["secrets"]));
    }

    /// <summary>The worst of each kind.</summary>
    private async Task<(int Code, Dictionary<string, string> Findings)> ExamineAsync()
    {
        var state = ImmutableDictionary<string, string>.Empty.Add("JF_STATE", Path.Combine(cluster.Folder, "state"));
        var done = await JfProcess.RunAsync(cluster.Folder, state, "doctor", "--root", "root", "--listen", cluster.Url, "--json");
        var worst = JsonDocument.Parse(done.Output).RootElement.EnumerateArray()
            .GroupBy(finding => finding.GetProperty("about").GetString()!, finding => finding.GetProperty("health").GetString()!)
            .ToDictionary(group => group.Key, group => group.MaxBy(health => Array.IndexOf(["ok", "warn", "fail"], health))!);
        return (done.ExitCode, worst);
    }
}
