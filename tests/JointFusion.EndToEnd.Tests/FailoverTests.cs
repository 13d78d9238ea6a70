using System.Text.Json;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>Several servers over one journal in a real PostgreSQL: one leads, and another takes over whatever becomes of it.</summary>
public sealed class FailoverTests(UndisturbedRun undisturbed, PostgresServer postgres) : IClassFixture<UndisturbedRun>, IClassFixture<PostgresServer>, IAsyncLifetime
{
    private const int Sigstop = 19, Sigcont = 18;

    private readonly SmallExperiment experiment = new(undisturbed.Data, workers: 2, fusions: "early");
    private string journal = "";
    private ServerTeam team = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        postgres.Require();
        journal = await postgres.DatabaseAsync();
        team = new ServerTeam(undisturbed.Data, journal);
    }

    public async ValueTask DisposeAsync()
    {
        if (team is not null)
            await team.DisposeAsync();
    }

    [Fact]
    public async Task Should_TrainOnInTheSameAttempt_When_TheLeaderIsKilledAndAnotherTakesOver()
    {
        var first = await team.StartServerAsync();
        Assert.Equal(first, await team.LeaderAsync());
        var second = await team.StartServerAsync();
        var agents = new[] { await team.Cluster.StartAgentAsync("a"), await team.Cluster.StartAgentAsync("b") };
        var submitted = await team.Cluster.RunAsync("submit", experiment.Spec, "--name", "first");
        Assert.True(submitted.ExitCode == 0, submitted.Output + submitted.Errors);
        await team.Cluster.StepTakenAsync("first", 5);
        await AssertReferredAsync(second, first);
        var workers = agents.SelectMany(agent => SmallExperiment.Workers(agent.Id)).ToArray();

        await ServedCluster.KillAsync(team[first]);
        Assert.True(team.Cluster.Metrics("first").Count < SmallExperiment.Steps);
        Assert.Equal(second, await team.LeaderAsync());
        var status = await team.Cluster.StatusAsync("first/early", IsOver);

        Assert.Equal(2, workers.Length);
        Assert.Equal(workers, agents.SelectMany(agent => SmallExperiment.Workers(agent.Id)));
        Assert.Equal(("succeeded", 1), (status.GetProperty("run").GetProperty("state").GetString(), status.GetProperty("run").GetProperty("generation").GetInt32()));
        Assert.Equal(undisturbed.Experiment.Metrics().Select(Bits), team.Cluster.Metrics("first").Select(Bits));
        Assert.Equal(await File.ReadAllTextAsync(undisturbed.Experiment.Result.Run("early").Outcomes, Cancel), await File.ReadAllTextAsync(team.Cluster.Experiment("first").Run("early").Outcomes, Cancel));
        AssertPasswordIsNowhere([.. team.Urls.Select(url => team[url]), .. agents]);

        await team.StartServerAsync(first); // Stands by now, and knows who leads.
        await team[first].LineAsync("Stands by: ", second);
        await AssertReferredAsync(first, second);
    }

    [Fact]
    public async Task Should_WriteNothingMore_When_AFrozenLeaderComesBackAfterAnotherTookOver()
    {
        var first = await team.StartServerAsync();
        await team.LeaderAsync();
        var second = await team.StartServerAsync();

        JfProcess.Signal(team[first].Id, Sigstop);
        Assert.Equal(second, await team.LeaderAsync(but: first));
        var submitted = await team.Cluster.RunAsync("submit", experiment.Spec, "--name", "first");
        Assert.True(submitted.ExitCode == 0, submitted.Output + submitted.Errors);
        JfProcess.Signal(team[first].Id, Sigcont);
        await team[first].LineAsync("Leads no more.");
        await AssertReferredAsync(first, second);

        Assert.Equal(["term-begun", "term-begun", "sweep-submitted", "run-submitted"], await PostgresServer.ColumnAsync<string>(journal, "SELECT manifest FROM journal ORDER BY sequence_number"));
        var writers = await PostgresServer.ColumnAsync<string>(journal, "SELECT writer_uuid FROM journal ORDER BY sequence_number");
        Assert.NotEqual(writers[0], writers[1]);
        Assert.Single(writers.Skip(1).Distinct());
        var terms = await PostgresServer.ColumnAsync<byte[]>(journal, "SELECT message FROM journal WHERE manifest = 'term-begun' ORDER BY sequence_number");
        Assert.True(Term(terms[0]) < Term(terms[1]));
        Assert.Equal(["persistence_id,sequence_number"], await PostgresServer.ColumnAsync<string>(
            journal,
            "SELECT string_agg(column_name, ',' ORDER BY ordinal_position) FROM information_schema.key_column_usage NATURAL JOIN information_schema.table_constraints "
            + "WHERE table_name = 'journal' AND constraint_type = 'UNIQUE' GROUP BY constraint_name"));
    }

    [Fact]
    public async Task Should_Answer503AndRecoverByItself_When_TheDatabaseIsLostForAWhile()
    {
        var only = await team.StartServerAsync();
        await team.LeaderAsync();

        await postgres.StopAsync();
        await team[only].LineAsync("Leads no more.");
        var lost = await team.Cluster.RunAsync("status");
        await postgres.StartAsync();
        await team.LeaderAsync();
        var back = await team.Cluster.RunAsync("submit", experiment.Spec, "--name", "first");

        Assert.Equal(3, lost.ExitCode);
        Assert.Contains("Runs go on", lost.Errors, StringComparison.Ordinal);
        Assert.True(back.ExitCode == 0, back.Output + back.Errors);
    }

    private static long Term(byte[] message) => JsonDocument.Parse(message).RootElement.GetProperty("term").GetInt64();

    private static bool IsOver(JsonElement status) => status.GetProperty("run").GetProperty("state").GetString() is "succeeded" or "failed" or "paused";

    private static (int Step, string Ledger, double Loss, double Norm, int Generation) Bits(StepMetrics step) => (step.Step, step.Ledger, step.Loss, step.GradientNorm, step.Generation);

    private async Task AssertReferredAsync(string standby, string leader)
    {
        using var answer = await team.ReferralAsync(standby, "/api/v1/nodes?all=1");
        Assert.Equal($"{leader}/api/v1/nodes?all=1", answer.Headers.Location!.ToString());
        Assert.Contains($"{leader} leads", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    private void AssertPasswordIsNowhere(JfProcess[] processes)
    {
        Assert.All(processes, process => Assert.DoesNotContain(postgres.Password, process.Output + process.Errors, StringComparison.Ordinal));
        foreach (var file in Directory.GetFiles(team.Cluster.Folder, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "lock"))
        {
            using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            Assert.False(reader.ReadToEnd().Contains(postgres.Password, StringComparison.Ordinal), file);
        }
    }
}
