using System.Collections.Immutable;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>A server, an agent and a client that share nothing but certificates of `jf certs` and, for the client, the token.</summary>
public sealed class SecureServerTests(UndisturbedRun undisturbed) : IClassFixture<UndisturbedRun>
{
    private readonly string folder = TestPaths.NewFolder("secure");

    [Fact]
    public async Task Should_TrainOverTls_When_EachHasItsCertificate()
    {
        var experiment = new SmallExperiment(undisturbed.Data, workers: 2, fusions: "early");
        await DoneAsync("nobody", "certs", "init");
        foreach (var node in (string[])["head", "gpu1"])
        {
            await DoneAsync("nobody", "certs", "node", node, "--host", "127.0.0.1");
            Directory.CreateDirectory(Path.Combine(folder, node));
            foreach (var file in (string[])["authority.pem", $"{node}.pem", $"{node}.key"])
                File.Copy(Path.Combine(folder, "certs", file), Path.Combine(folder, node, file));
        }
        await using var server = JfProcess.Start(
            folder, User("head"), "serve", "--root", "root", "--listen", "https://127.0.0.1:0", "--certs", "head", "--data-root", undisturbed.Data);
        var url = await server.LineAsync("Server: ");
        var token = (await server.LineAsync("Live page: ")).Split("?token=")[1];
        await using var agent = JfProcess.Start(folder, User("gpu1"), "agent", "--join", url, "--certs", "gpu1", "--name", "gpu1", "--workers", "2");
        await agent.LineAsync("Joined.");
        var client = User("client").Add("JF_SERVER", url).Add("JF_TOKEN", token);

        var untrusting = await JfProcess.RunAsync(folder, client, "status");
        var trusting = await JfProcess.RunAsync(folder, client.Add("JF_CERTS", "gpu1"), "submit", experiment.Spec, "--name", "first", "--wait");

        var status = await JfProcess.RunAsync(folder, client.Add("JF_CERTS", "gpu1"), "status", "first/early", "--json");
        using var told = System.Text.Json.JsonDocument.Parse(status.Output);
        var provenance = told.RootElement.GetProperty("provenance");

        Assert.Equal((1, Environment.MachineName, 32), (provenance.GetProperty("generation").GetInt32(), provenance.GetProperty("host").GetString(), provenance.GetProperty("binary").GetString()!.Length));
        Assert.Equal(Environment.UserName, told.RootElement.GetProperty("run").GetProperty("user").GetString());
        Assert.Equal(2, untrusting.ExitCode);
        Assert.Contains("--certs DIR", untrusting.Errors, StringComparison.Ordinal);
        Assert.True(trusting.ExitCode == 0, trusting.Output + trusting.Errors);
        var trained = SmallExperiment.MetricsOf(new Experiments.ExperimentFolder(Path.Combine(folder, "root", "first")).Run("early"));
        Assert.Equal(undisturbed.Experiment.Metrics().Select(step => (step.Ledger, step.Loss)), trained.Select(step => (step.Ledger, step.Loss)));
    }

    private ImmutableDictionary<string, string> User(string name) => ImmutableDictionary<string, string>.Empty.Add("JF_STATE", Path.Combine(folder, $"state-{name}"));

    private async Task DoneAsync(string user, params IEnumerable<string> arguments)
    {
        var done = await JfProcess.RunAsync(folder, User(user), arguments);
        Assert.True(done.ExitCode == 0, done.Output + done.Errors);
    }
}
