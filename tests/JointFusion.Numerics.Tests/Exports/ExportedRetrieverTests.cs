using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>An exported retriever is the trained one, from its folder alone; whatever is not whole is not loaded.</summary>
public sealed class ExportedRetrieverTests
{
    [Theory]
    [InlineData(Fusion.Early)]
    [InlineData(Fusion.Score)]
    [InlineData(Fusion.Feature)]
    [InlineData(Fusion.Isolated)]
    [InlineData(Fusion.Early, ", layers: 3, fusion_layer: 2, pooling: last, attention: causal")]
    [InlineData(Fusion.Score, ", modality_weights: learned")]
    [InlineData(Fusion.Feature, ", feature_mixer: mlp, pooling: summary")]
    [InlineData(Fusion.Feature, ", feature_mixer: gated")]
    public void Should_embed_bitwise_as_the_trained_state_When_run_and_data_are_gone(Fusion fusion, string options = "")
    {
        using var run = new TrainedRun(fusion, options);
        using var untrained = new Retriever(run.Plan.Retriever, run.Plan.Seed);
        run.Export();
        run.DeleteRunAndData();

        using var exported = ExportedRetriever.Load(run.Target);

        var expected = Embed(run.State.Retriever);
        Assert.Equal(expected, Embed(exported.Retriever));
        Assert.NotEqual(expected, Embed(untrained));
        Assert.Equal(run.State.Retriever.Weights, exported.Retriever.Weights);
        Assert.Equal(options.Contains("learned", StringComparison.Ordinal), exported.Retriever.Weights is { } weights && weights.Image != 1 && weights.Text != 1);
        Assert.Equal(run.State.Retriever.Temperature, exported.Retriever.Temperature);
        Assert.NotEqual(run.Plan.Retriever.Temperature, exported.Retriever.Temperature, 6);
        Assert.Equal(TestItems.Vocabulary, exported.Tokenizer.VocabularySize);
        Assert.Equal("aa b c", Assert.IsType<TextTokenizer>(exported.Tokenizer).Decode(exported.Tokenizer.Encode("AA b c", 20)));
        Assert.Equal((TrainedRun.Steps, "only", "data"), (exported.Config.Step, exported.Config.Run, exported.Config.Data.Name));
        Assert.Equal(run.Plan.Retriever, exported.Config.Retriever);
    }

    [Theory]
    [InlineData("model.safetensors", "truncate", "config.json says")]
    [InlineData("model.safetensors", "flip", "has SHA-256")]
    [InlineData("model.safetensors", "delete", "is missing, though config.json lists it")]
    [InlineData("vocabulary.json", "flip", "has SHA-256")]
    [InlineData("config.json", "delete", "cannot be read")]
    [InlineData("config.json", "truncate", "is not the config of an exported retriever")]
    [InlineData("config.json", "\"schema\": 1=\"schema\": 2", "has schema 2; this version reads 1")]
    [InlineData("config.json", "\"schema\": 1,=", "is not the config of an exported retriever")]
    [InlineData("config.json", "\"fusion\": \"early\"=\"fusion\": \"late\"", "is not the config of an exported retriever")]
    [InlineData("config.json", "\"fusion\": \"early\"=\"fusion\": \"score\"", "describes no retriever: Late fusion needs an image tower")]
    [InlineData("config.json", "\"vocabulary_size\": 50=\"vocabulary_size\": 51", "they do not belong together")]
    [InlineData("config.json", "\"name\": \"vocabulary.json\"=\"name\": \"words.json\"", "does not list vocabulary.json")]
    public void Should_name_file_and_cause_When_the_folder_is_not_as_written(string file, string change, string cause)
    {
        using var run = new TrainedRun(Fusion.Early);
        run.Export();
        var path = Path.Combine(run.Target, file);
        Change(path, change);

        var error = Assert.Throws<CheckpointException>(() => ExportedRetriever.Load(run.Target));

        Assert.StartsWith(run.Target, error.Path, StringComparison.Ordinal);
        Assert.Contains(cause, error.Message, StringComparison.Ordinal);
    }

    /// <summary>The files are as written, but the plan beside the checkpoint was another's.</summary>
    [Theory]
    [InlineData(false, "has shape [128, 96], expected [64, 96]")]
    [InlineData(true, "holds no tensor named")]
    public void Should_name_the_tensor_When_weights_do_not_fit_the_plan(bool otherFusion, string cause)
    {
        using var run = new TrainedRun(Fusion.Early);
        var shape = otherFusion
            ? RetrieverShapes.For(new RetrieverSpec { Preset = Preset.Nano, Fusion = Fusion.Score }, imageSize: 32, TestItems.Vocabulary)
            : run.Plan.Retriever.Shape with { EmbeddingWidth = 64 };
        run.Export(run.Plan with { Retriever = run.Plan.Retriever with { Shape = shape } });

        var error = Assert.Throws<CheckpointException>(() => ExportedRetriever.Load(run.Target));

        Assert.Equal(Path.Combine(run.Target, "model.safetensors"), error.Path);
        Assert.Contains(cause, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_leave_nothing_that_looks_whole_When_killed_at_any_operation()
    {
        using var run = new TrainedRun(Fusion.Early);
        var total = OperationsOfAnExport(run);
        Assert.True(total >= 7, $"only {total} operations");
        for (var at = 1; at <= total; at++)
        {
            Assert.Throws<IOException>(() => run.Export(disk: new FaultyDisk(at, killed: true)));
            if (Directory.Exists(run.Target)) ExportedRetriever.Load(run.Target).Dispose();
            Clear(run);
        }
    }

    [Fact]
    public void Should_clean_up_and_say_why_When_the_disk_is_full()
    {
        using var run = new TrainedRun(Fusion.Early);
        var renamed = OperationsOfAnExport(run) - 1;
        for (var at = 1; at <= renamed; at++)
        {
            var error = Assert.Throws<IOException>(() => run.Export(disk: new FaultyDisk(at, killed: false)));
            Assert.Contains("No space left", error.Message, StringComparison.Ordinal);
            Assert.Empty(run.Left());
        }
        run.Export();
        Assert.Equal([run.Target], run.Left());
    }

    private static int OperationsOfAnExport(TrainedRun run)
    {
        var disk = new FaultyDisk(failsAt: int.MaxValue, killed: true);
        run.Export(disk: disk);
        Clear(run);
        return disk.Operations;
    }

    private static void Clear(TrainedRun run) => Array.ForEach(run.Left(), path => Directory.Delete(path, recursive: true));

    private static float[] Embed(Retriever retriever)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        return [.. retriever.call(TestItems.Mixed(12, seed: 99)).data<float>()];
    }

    private static void Change(string path, string change)
    {
        var bytes = File.ReadAllBytes(path);
        switch (change)
        {
            case "delete": File.Delete(path); break;
            case "truncate": File.WriteAllBytes(path, bytes[..100]); break;
            case "flip":
                bytes[^5] ^= 1;
                File.WriteAllBytes(path, bytes);
                break;
            default:
                var parts = change.Split('=');
                var text = File.ReadAllText(path);
                Assert.Contains(parts[0], text, StringComparison.Ordinal);
                File.WriteAllText(path, text.Replace(parts[0], parts[1], StringComparison.Ordinal));
                break;
        }
    }
}
