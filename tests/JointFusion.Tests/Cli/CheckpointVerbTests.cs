using System.Diagnostics;
using System.Text.Json;
using JointFusion.Cli;
using JointFusion.Data;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class CheckpointVerbTests : IDisposable
{
    private readonly SavedExperiment saved = new();
    private readonly CliRun cli = new();

    public void Dispose()
    {
        cli.Dispose();
        saved.Dispose();
    }

    [Fact]
    public async Task Should_list_all_runs_newest_first_when_an_experiment_is_given()
    {
        saved.Save(SavedExperiment.Early, 10);
        var torn = saved.Save(SavedExperiment.Early, 30);
        saved.Save(SavedExperiment.Score, 20);
        File.Delete(Path.Combine(torn, "manifest.json"));

        Assert.Equal(ExitCode.Ok, await cli.Jf("checkpoint", "ls", saved.Folder.Path));

        var rows = cli.Out.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(words => words is ["early" or "score", ..]).ToArray();
        Assert.Equal([("early", "30", "?"), ("early", "10", "adaptation"), ("score", "20", "adaptation")], rows.Select(row => (row[0], row[1], row[2])));
        Assert.Contains("torn: manifest.json is missing, so the checkpoint was never finished.", cli.Out);
        Assert.Equal("ledger-10", rows[1][3]);
        Assert.Equal("whole", rows[1][^1]);
        Assert.Empty(cli.Error);
    }

    [Fact]
    public async Task Should_read_no_content_when_listing()
    {
        SavedExperiment.Flip(saved.Save(SavedExperiment.Early, 10), "weights.safetensors");

        Assert.Equal(ExitCode.Ok, await cli.Jf("checkpoint", "ls", saved.Folder.Run(SavedExperiment.Early).Path, "--json"));

        var row = JsonDocument.Parse(cli.Out).RootElement.EnumerateArray().Single();
        Assert.True(row.GetProperty("whole").GetBoolean());
        Assert.False(row.GetProperty("hashed").GetBoolean());
        Assert.Equal(("early", 10, "adaptation", "ledger-10"), (row.GetProperty("run").GetString(), row.GetProperty("step").GetInt32(),
            row.GetProperty("stage").GetString(), row.GetProperty("ledger").GetString()));
        Assert.Equal(6000 + new FileInfo(Path.Combine(saved.Folder.Run("early").Checkpoint(10), "manifest.json")).Length, row.GetProperty("bytes").GetInt64());
    }

    [Fact]
    public async Task Should_say_so_when_a_run_has_no_checkpoint_yet()
    {
        Assert.Equal(ExitCode.Ok, await cli.Jf("checkpoint", "ls", saved.Folder.Path));
        Assert.Contains("no checkpoints yet", cli.Out);
        Assert.Equal(ExitCode.BadInput, await cli.Jf("checkpoint", "verify", saved.Folder.Path));
        Assert.Contains("holds no checkpoint to verify", cli.Error);
    }

    [Fact]
    public async Task Should_name_every_faulty_file_when_verifying()
    {
        saved.Save(SavedExperiment.Score, 10);
        var torn = saved.Save(SavedExperiment.Early, 20);
        SavedExperiment.Flip(torn, "weights.safetensors");
        SavedExperiment.Truncate(torn, "optimizer.safetensors", 7);

        Assert.Equal(ExitCode.Failed, await cli.Jf("checkpoint", "verify", saved.Folder.Path));

        var lines = cli.Out.TrimEnd().Split('\n');
        Assert.Equal(5, lines.Length);
        Assert.StartsWith("early step 20: torn", lines[0]);
        Assert.StartsWith($"  {Path.Combine(torn, "weights.safetensors")}: has SHA-256 ", lines[1]);
        Assert.Equal($"  {Path.Combine(torn, "optimizer.safetensors")}: has 7 bytes, the manifest says 4000.", lines[2]);
        Assert.StartsWith("score step 10: whole", lines[3]);
        Assert.Equal("2 read to the last byte, 1 torn.", lines[4]);
    }

    [Fact]
    public async Task Should_verify_one_alone_when_it_was_moved_elsewhere()
    {
        var elsewhere = Path.Combine(Path.GetDirectoryName(saved.Folder.Path)!, "step-000010");
        Directory.Move(saved.Save(SavedExperiment.Early, 10), elsewhere);

        Assert.Equal(ExitCode.Ok, await cli.Jf("checkpoint", "verify", elsewhere + Path.DirectorySeparatorChar, "--json"));

        var row = JsonDocument.Parse(cli.Out).RootElement.EnumerateArray().Single();
        Assert.Equal("early", row.GetProperty("run").GetString());
        Assert.True(row.GetProperty("whole").GetBoolean() && row.GetProperty("hashed").GetBoolean());

        Assert.Equal(ExitCode.BadInput, await cli.Jf("checkpoint", "export", elsewhere, "--out", saved.Target));
        Assert.Contains("not in a run's folder", cli.Error);
    }

    /// <summary>A checkpoint whose frozen weights are gone with the model's folder cannot be used, whole as its own files are.</summary>
    [Fact]
    public async Task Should_look_for_frozen_weights_in_the_models_folder_when_verifying()
    {
        var run = saved.Folder.Run(SavedExperiment.Early);
        var plan = JsonSerializer.Deserialize<RunPlan>(await File.ReadAllTextAsync(run.Plan, TestContext.Current.CancellationToken), JointFusionJson.File)!;
        var model = Path.Combine(saved.Folder.Path, "model");
        Directory.CreateDirectory(model);
        await File.WriteAllTextAsync(Path.Combine(model, "config.json"), "{}", TestContext.Current.CancellationToken);
        var hash = BackboneContent.HashOf(model);
        await File.WriteAllTextAsync(run.Plan, JsonSerializer.Serialize(plan with { Retriever = plan.Retriever with { Backbone = new BackbonePlan(model, hash) } }, JointFusionJson.File), TestContext.Current.CancellationToken);
        var checkpoint = SavedCheckpoint.Write(run, plan, 10, new FolderWeights(hash, Tensors: 7, Bytes: 28));
        async Task<string> Verify(int expected)
        {
            using var verifying = new CliRun();
            Assert.Equal(expected, await verifying.Jf("checkpoint", "verify", checkpoint));
            return verifying.Out;
        }
        Assert.Contains("whole", await Verify(ExitCode.Ok));
        await File.WriteAllTextAsync(Path.Combine(model, "config.json"), "{ }", TestContext.Current.CancellationToken);
        Assert.Contains($"  {model}: holds 7 weights that the checkpoint leaves to it, but its files have changed since", await Verify(ExitCode.Failed));
        Directory.Delete(model, recursive: true);
        Assert.Contains($"  {model}: should hold 7 weights that the checkpoint leaves to it. Bring it back:", await Verify(ExitCode.Failed));
        Assert.Equal(ExitCode.Failed, await cli.Jf("checkpoint", "verify", saved.Folder.Path));
    }

    [Theory]
    [InlineData("ls")]
    [InlineData("verify")]
    [InlineData("export", "--out", "never")]
    public async Task Should_end_with_2_when_the_folder_is_neither_run_nor_experiment(string verb, params string[] more)
    {
        foreach (var (folder, cause) in new[] { ("/nowhere/at/all", "there is no such folder"), (Path.GetDirectoryName(saved.Folder.Path)!, "neither a run's folder") })
        {
            Assert.Equal(ExitCode.BadInput, await cli.Jf(["checkpoint", verb, folder, .. more]));
            Assert.Contains($"{folder}: {cause}", cli.Error);
        }
        Assert.Empty(cli.Out);
    }

    [Theory]
    [InlineData("ls", "s3://bucket")]
    [InlineData("ls", "s3://Bucket/prefix/small")]
    [InlineData("pull", "s3://bucket")]
    [InlineData("pull", "/a/folder")]
    public async Task Should_end_with_2_when_the_address_is_no_experiments_place(string verb, string address)
    {
        Assert.Equal(ExitCode.BadInput, await cli.Jf("checkpoint", verb, address));
        Assert.Contains($"{address}: not an experiment's place in storage. Give s3://BUCKET/PREFIX/EXPERIMENT", cli.Error);
        Assert.Empty(cli.Out);
    }

    /// <summary>The design's law for verbs that need no tensor; no test of this process loads it.</summary>
    [Fact]
    public async Task Should_load_no_libtorch_when_listing_verifying_and_exporting()
    {
        saved.Save(SavedExperiment.Early, 10);
        var run = saved.Folder.Run(SavedExperiment.Early).Path;
        Assert.Equal(ExitCode.Ok, await cli.Jf("checkpoint", "ls", run));
        Assert.Equal(ExitCode.Ok, await cli.Jf("checkpoint", "verify", run));
        Assert.Equal(ExitCode.Ok, await cli.Jf("checkpoint", "export", run, "--out", saved.Target));

        using var self = Process.GetCurrentProcess();
        var native = self.Modules.Cast<ProcessModule>().Select(module => module.ModuleName).ToArray();
        Assert.Contains(native, name => name.Contains("coreclr", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(native, name => name.Contains("LibTorchSharp", StringComparison.OrdinalIgnoreCase) || name.Contains("torch_cpu", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("checkpoint ls --help", "jf checkpoint ls runs/quickstart-<time>")]
    [InlineData("checkpoint --help", "jf checkpoint export runs/quickstart-<time>/runs/early --out early")]
    [InlineData("checkpoint pull --help", "jf checkpoint pull s3://bucket/prefix/quickstart-<time>")]
    [InlineData("checkpoint export --help", "must be empty or not there")]
    [InlineData("--help", "1 a run failed or a checkpoint is torn")]
    public async Task Should_show_examples_when_help_is_asked_for(string args, string expected)
    {
        Assert.Equal(ExitCode.Ok, await cli.Jf(args.Split(' ')));
        Assert.Contains(expected, cli.Out);
        Assert.Single(cli.Out.Split('\n'), line => line.Contains("--help  ", StringComparison.Ordinal));
    }
}
