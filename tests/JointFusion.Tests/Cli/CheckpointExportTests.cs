using System.Text.Json;
using JointFusion.Cli;
using JointFusion.Data;
using Xunit;

namespace JointFusion.Tests;

/// <summary><c>jf checkpoint export</c>: what it writes, and what it refuses without leaving anything.</summary>
public sealed class CheckpointExportTests : IDisposable
{
    private readonly SavedExperiment saved = new();
    private readonly CliRun cli = new();

    public void Dispose()
    {
        cli.Dispose();
        saved.Dispose();
    }

    private string Run => saved.Folder.Run(SavedExperiment.Early).Path;

    [Fact]
    public async Task Should_write_weights_config_and_vocabulary_when_a_checkpoint_is_whole()
    {
        var checkpoint = saved.Save(SavedExperiment.Early, 30);

        Assert.Equal(ExitCode.Ok, await Export(checkpoint, "--json"));

        Assert.Equal(["config.json", "model.safetensors", "vocabulary.json"], Directory.GetFileSystemEntries(saved.Target).Select(path => Path.GetFileName(path)).Order());
        Assert.Equal([saved.Target], Directory.GetFileSystemEntries(Path.GetDirectoryName(saved.Target)!));
        Assert.Equal(Content(Path.Combine(checkpoint, "weights.safetensors")), Content(Path.Combine(saved.Target, "model.safetensors")));
        Assert.Equal(saved.Data.Open().Tokenizer.Encode("a red square", 9), TextTokenizer.Load(Path.Combine(saved.Target, "vocabulary.json")).Encode("a red square", 9));
        using var config = JsonDocument.Parse(Content(Path.Combine(saved.Target, "config.json")));
        Assert.Equal(
            (1, "small", "early", 30, "instruction", saved.Plan.ScienceHash),
            (Number("schema"), Text("experiment"), Text("run"), Number("step"), Text("stage"), Text("science_hash")));
        Assert.Equal(saved.Plan.Data.ManifestHash, config.RootElement.GetProperty("data").GetProperty("manifest_hash").GetString());
        Assert.Equal(saved.Plan.Retriever.Shape.MaxTextTokens, config.RootElement.GetProperty("retriever").GetProperty("shape").GetProperty("max_text_tokens").GetInt32());
        using var printed = JsonDocument.Parse(cli.Out);
        Assert.Equal(saved.Target, printed.RootElement.GetProperty("folder").GetString());
        Assert.True(JsonElement.DeepEquals(config.RootElement, printed.RootElement.GetProperty("config")));

        int Number(string name) => config.RootElement.GetProperty(name).GetInt32();
        string? Text(string name) => config.RootElement.GetProperty(name).GetString();
    }

    [Fact]
    public async Task Should_take_the_newest_whole_one_when_a_run_is_given()
    {
        saved.Save(SavedExperiment.Early, 10);
        saved.Save(SavedExperiment.Early, 20);
        SavedExperiment.Flip(saved.Save(SavedExperiment.Early, 30), "optimizer.safetensors");
        Directory.CreateDirectory(saved.Target); // empty: free to take

        Assert.Equal(ExitCode.Ok, await Export(Run));

        Assert.Contains("small, run early, step 20 (adaptation)", cli.Out);
        Assert.Contains("step-000030", cli.Error);
        Assert.Contains("Passed over.", cli.Error);
        Assert.True(File.Exists(Path.Combine(saved.Target, "config.json")));
    }

    [Fact]
    public async Task Should_refuse_a_torn_one_when_it_is_named()
    {
        var torn = saved.Save(SavedExperiment.Early, 10);
        SavedExperiment.Flip(torn, "weights.safetensors");

        await Refused(torn, $"{Path.Combine(torn, "weights.safetensors")}: has SHA-256", "Name another checkpoint");
        await Refused(Run, "no whole checkpoint");
        await Refused(saved.Folder.Path, "an experiment of several runs");
    }

    [Fact]
    public async Task Should_leave_the_target_alone_when_it_is_taken()
    {
        saved.Save(SavedExperiment.Early, 10);
        Directory.CreateDirectory(saved.Target);
        var mine = Path.Combine(saved.Target, "mine.txt");
        using (File.Create(mine))
        {
        }

        Assert.Equal(ExitCode.BadInput, await Export(Run));
        Assert.Contains($"{saved.Target}: is not empty. Choose another folder", cli.Error);
        Assert.Equal(ExitCode.BadInput, await cli.Jf("checkpoint", "export", Run, "--out", mine));
        Assert.Contains($"{mine}: is a file.", cli.Error);
        Assert.Equal([mine], Directory.GetFileSystemEntries(saved.Target));
    }

    [Fact]
    public async Task Should_say_how_to_build_the_icons_when_they_are_gone()
    {
        saved.Save(SavedExperiment.Early, 10);
        Directory.Move(saved.Data.Root, saved.Data.Root + ".away");
        try
        {
            await Refused(Run, $"{saved.Data.Root}: there is no such folder", $"jf data icons --out {saved.Data.Root}");
        }
        finally
        {
            Directory.Move(saved.Data.Root + ".away", saved.Data.Root);
        }
    }

    [Fact]
    public async Task Should_refuse_when_the_data_have_changed()
    {
        saved.Save(SavedExperiment.Early, 10);
        saved.LearnVocabulary("a red square", "a gray square", "a green triangle", "green triangles");
        await Refused(Run, "the vocabulary has changed since the run was planned");

        saved.Data.Write(SmallSet.TextPool, """{"did":"12:3","txt":"a green square","img_path":null,"modality":"text"}""");
        await Refused(Run, $"{saved.Data.Root}: the data have changed since the run was planned");
    }

    [Fact]
    public async Task Should_refuse_when_the_plan_is_missing_or_anothers()
    {
        var checkpoint = saved.Save(SavedExperiment.Early, 10);
        saved.ReplaceInPlan(SavedExperiment.Early, saved.Plan.ScienceHash, "another");
        await Refused(checkpoint, $"science hash {saved.Plan.ScienceHash}, the plan's is another");
        var plan = saved.Folder.Run(SavedExperiment.Early).Plan;
        File.Delete(plan);
        await Refused(checkpoint, $"{plan}: the plan cannot be read");
    }

    private static byte[] Content(string path) => File.ReadAllBytes(path);

    private async Task Refused(string folder, params string[] expected)
    {
        Assert.Equal(ExitCode.BadInput, await Export(folder));
        Assert.All(expected, part => Assert.Contains(part, cli.Error));
        Assert.Empty(cli.Out);
        Assert.Empty(saved.Created);
    }

    private Task<int> Export(string folder, params string[] more) => cli.Jf(["checkpoint", "export", folder, "--out", saved.Target, .. more]);
}
