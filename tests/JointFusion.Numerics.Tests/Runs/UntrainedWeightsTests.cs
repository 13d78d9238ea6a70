using System.Security.Cryptography;
using System.Text.Json;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>What rules freeze of a published model is left to its folder until a stage trains it: smaller checkpoints, the same bits.</summary>
public sealed class UntrainedWeightsTests : IDisposable
{
    private const string Frozen = "parameters: [{ match: \"*.visual.*\", frozen: true }], ", All = "";
    private const int First = BackboneRunInProcess.FirstSteps, Last = BackboneRunInProcess.Steps;

    private readonly CardSet cards = new();
    private readonly IDisposable scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        cards.Dispose();
    }

    [Fact]
    public void Should_hold_none_of_them_and_end_with_the_same_bits_When_no_stage_trains_them()
    {
        using var undisturbed = Begin(Frozen, Frozen).Run();
        using var stopped = Begin(Frozen, Frozen).Run(stopAfter: 3).Run(stopAfter: 6).Run();
        Assert.Equal(undisturbed.FinalWeights, stopped.FinalWeights);
        Assert.Equal(undisturbed.FinalOptimizer, stopped.FinalOptimizer);

        var visual = Published(stopped).Where(pair => IsVisual(pair.Key)).ToDictionary();
        Assert.Equal(new FolderWeights(stopped.Plan.Retriever.Backbone!.ContentHash, visual.Count, 4 * visual.Values.Sum(tensor => tensor.numel())), stopped.Manifest(Last).FromFolder);
        Assert.DoesNotContain(Held(stopped, Last), pair => IsVisual(pair.Key));
        using var state = stopped.Restored();
        var restored = state.Retriever.Backbone!.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
        Assert.All(visual, pair => Assert.Equal(pair.Value, restored[pair.Key]));
        Assert.Contains(Published(stopped), pair => !restored[pair.Key].Equals(pair.Value)); // the rest was trained
    }

    [Fact]
    public void Should_hold_them_from_then_on_When_a_later_stage_trains_them()
    {
        using var undisturbed = Begin(Frozen, All).Run();
        using var stopped = Begin(Frozen, All).Run(stopAfter: 6);
        Directory.Delete(stopped.Folder.Checkpoint(6), recursive: true); // so that it goes on at the stage's end, without them
        Assert.NotNull(stopped.Manifest(First).FromFolder);
        Assert.DoesNotContain(Held(stopped, First), pair => IsVisual(pair.Key));
        stopped.Run();
        Assert.Equal(undisturbed.FinalWeights, stopped.FinalWeights);
        Assert.Equal(undisturbed.FinalOptimizer, stopped.FinalOptimizer);
        Assert.Null(stopped.Manifest(6).FromFolder);
        var published = Published(stopped);
        Assert.All(Held(stopped, Last).Where(pair => IsVisual(pair.Key)), pair => Assert.NotEqual(published[NameInFolder(pair.Key)], pair.Value));
        Assert.Equal(published.Keys.Count(IsVisual), Held(stopped, Last).Keys.Count(IsVisual));
    }

    [Fact]
    public void Should_go_on_holding_them_When_an_earlier_stage_trained_them()
    {
        using var run = Begin(All, Frozen).Run(stopAfter: 6).Run();
        Assert.Null(run.Manifest(Last).FromFolder);
        var (before, after) = (Held(run, First), Held(run, Last));
        Assert.All(after.Where(pair => IsVisual(pair.Key)), pair => Assert.Equal(before[pair.Key], pair.Value));
        Assert.Contains(after.Keys, IsVisual);
    }

    /// <summary>As all were before frozen weights were left out.</summary>
    [Fact]
    public void Should_go_on_from_a_checkpoint_that_holds_them_When_it_is_an_older_one()
    {
        using var undisturbed = Begin(Frozen, Frozen).Run();
        using var older = Begin(Frozen, Frozen).Run(stopAfter: 6);
        var held = Held(older, 6);
        foreach (var (name, tensor) in Published(older).Where(pair => IsVisual(pair.Key)))
            held.Add($"encoder.backbone.{name}", tensor);
        GoldenFolder.Write(older.Weights(6), held);
        Rewrite(older, 6, manifest => manifest with { FromFolder = null });
        older.Run();

        var (expected, actual) = (Held(undisturbed, Last), Held(older, Last));
        Assert.All(expected, pair => Assert.Equal(pair.Value, actual[pair.Key]));
        Assert.Equal(held.Count, actual.Count);
        Assert.Equal(undisturbed.FinalOptimizer, older.FinalOptimizer);
    }

    [Fact]
    public void Should_refuse_and_name_the_folder_When_its_files_are_others_or_gone()
    {
        using var run = Begin(Frozen, Frozen).Run();
        var weights = Path.Combine(run.Backbone, "model.safetensors");
        var bytes = File.ReadAllBytes(weights);
        bytes[^1] ^= 1;
        File.WriteAllBytes(weights, bytes);
        var changed = Assert.Throws<CheckpointException>(() => run.Restored());
        Assert.Contains($"{run.Backbone}: holds", changed.Message, StringComparison.Ordinal);
        Assert.Contains("changed since", changed.Message, StringComparison.Ordinal);

        // Loaded before they went.
        var alone = LocalProcessGroup.Create(1)[0];
        using var state = new TrainingState(run.Plan, CPU, alone);
        Directory.Delete(run.Backbone, recursive: true);
        using var checkpoints = new RunCheckpoints(run.Plan, run.Folder, 7, alone, new RecordedEvents(_ => { }));
        Assert.Contains($"{run.Backbone}: should hold", Assert.Throws<CheckpointException>(() => checkpoints.Restore(state, Last)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_refuse_When_a_checkpoint_leaves_weights_to_another_model_or_lacks_more()
    {
        using var run = Begin(Frozen, Frozen).Run();
        var left = run.Manifest(Last).FromFolder!;
        using var saved = SafetensorsReader.Open(run.Weights(Last));
        string Refused(FolderWeights? other)
        {
            using var state = new TrainingState(run.Plan, CPU, LocalProcessGroup.Create(1)[0]);
            return Assert.Throws<CheckpointException>(() => StateWeights.Restore(state, run.Plan, saved, other)).Message;
        }
        Assert.Contains("a model of content 0123", Refused(left with { ContentHash = "0123" }), StringComparison.Ordinal);
        Assert.Contains("holds no tensor named 'encoder.backbone.visual.", Refused(left with { Tensors = left.Tensors - 1 }), StringComparison.Ordinal);
        Assert.Contains("holds no tensor named 'encoder.backbone.visual.", Refused(null), StringComparison.Ordinal);

        var other = run.Plan with { Retriever = run.Plan.Retriever with { Backbone = run.Plan.Retriever.Backbone! with { ContentHash = "4567" } }, Fork = new ForkPlan("source", "0123", Last, "") };
        using var folder = new TemporaryFolder();
        Assert.Contains("the plan's is 4567", Assert.Throws<CheckpointException>(() => CheckpointFork.Copy(run.Folder, run.Plan, other, new RunFolder(folder["fork"]))).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["fork"]));
    }

    /// <summary>A fork may have rules of its own: what counts is what was trained, not what the fork's plan says of stages before it.</summary>
    [Theory, InlineData(Frozen, All), InlineData(All, Frozen)]
    public void Should_hold_all_that_is_not_the_folders_When_a_fork_has_other_rules(string before, string after)
    {
        using var source = Begin(before, before).Run(stopAfter: 6);
        using var other = Begin(after, after);
        var fork = other.Plan with { Fork = new ForkPlan("source", "0123", 6, ""), Retriever = source.Plan.Retriever, ScienceHash = source.Plan.ScienceHash };
        var expected = Held(source, 6);
        foreach (var (name, tensor) in Published(source))
            expected.TryAdd($"encoder.backbone.{name}", tensor);

        var alone = LocalProcessGroup.Create(1)[0];
        using var state = new TrainingState(fork, CPU, alone);
        using var checkpoints = new RunCheckpoints(fork, source.Folder, 7, alone, new RecordedEvents(_ => { }));
        checkpoints.Restore(state, 6);
        state.Step = 7;
        checkpoints.Save(state, fork.Stages[1]);
        checkpoints.Flush();

        var held = Held(source, 7);
        Assert.Equal(expected.Keys.Order(), held.Keys.Order());
        Assert.All(expected, pair => Assert.Equal(pair.Value, held[pair.Key]));
    }

    [Fact]
    public void Should_export_the_whole_model_When_a_checkpoint_leaves_part_of_it_to_the_folder()
    {
        using var run = Begin(Frozen, Frozen).Run();
        new RetrieverExporter(run.Plan, run.Folder).Export(Last, run.Exported);
        using var exported = SafetensorsReader.Open(Path.Combine(run.Exported, "backbone", "model.safetensors"));
        var published = Published(run);
        Assert.Equal(published.Keys.Order(), exported.Tensors.Select(tensor => tensor.Name).Order());
        Assert.All(published.Where(pair => IsVisual(pair.Key)), pair => Assert.Equal(pair.Value, exported.Read(pair.Key)));
        using var loaded = ExportedRetriever.Load(run.Exported);
        using var saved = SavedRetriever.OfRun(run.Folder, run.Plan, Last, CPU);
        var items = BackboneRetrievers.Mixed("qwen2_vl early", 6, seed: 4);
        using var _ = no_grad();
        Assert.Equal(saved.Retriever.call(items), loaded.Retriever.call(items));
    }

    private BackboneRunInProcess Begin(string adapt, string instruct) => new(cards, "qwen2_vl", adapt: adapt, instruct: instruct);

    private static Dictionary<string, Tensor> Published(BackboneRunInProcess run)
    {
        using var reader = SafetensorsReader.Open(Path.Combine(run.Backbone, "model.safetensors"));
        return reader.Tensors.ToDictionary(entry => entry.Name, entry => reader.Read(entry.Name));
    }

    private static Dictionary<string, Tensor> Held(BackboneRunInProcess run, int step)
    {
        using var reader = SafetensorsReader.Open(run.Weights(step));
        return reader.Tensors.ToDictionary(entry => entry.Name, entry => reader.Read(entry.Name));
    }

    private static bool IsVisual(string name) => name.Contains("visual.", StringComparison.Ordinal);

    private static string NameInFolder(string name) => name["encoder.backbone.".Length..];

    private static void Rewrite(BackboneRunInProcess run, int step, Func<CheckpointManifest, CheckpointManifest> change)
    {
        var path = Path.Combine(run.Folder.Checkpoint(step), "manifest.json");
        var manifest = JsonSerializer.Deserialize<CheckpointManifest>(File.ReadAllBytes(path), JointFusionJson.File)!;
        var bytes = File.ReadAllBytes(run.Weights(step));
        var weights = new CheckpointFile("weights.safetensors", bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        File.WriteAllText(path, JsonSerializer.Serialize(change(manifest) with { Files = [weights, .. manifest.Files.Where(file => file.Name != weights.Name)] }, JointFusionJson.File));
    }
}
