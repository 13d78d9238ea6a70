using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class SpecLoaderTests
{
    [Fact]
    public void Should_hold_every_value_when_the_spec_is_valid()
    {
        var spec = SpecTexts.Spec(SpecTexts.Valid);

        Assert.Equal(("small", 7), (spec.Name, spec.Seed));
        Assert.Equal(new DataSpec { Source = DataSource.Icons, ImageSize = 32 }, spec.Data);
        Assert.Equal(new RetrieverSpec { Preset = Preset.Nano, Fusion = Fusion.Early }, spec.Retriever);
        Assert.Equal(["adaptation", "instruction"], spec.Stages.Select(stage => stage.Name));
        Assert.Equal([0, 3], spec.Stages[0].Tasks);
        Assert.Equal((20, 32, 1.0e-3, 5, Schedule.Cosine, false), (
            spec.Stages[0].Steps, spec.Stages[0].GlobalBatch, spec.Stages[0].LearningRate, spec.Stages[0].WarmupSteps, spec.Stages[0].Schedule,
            spec.Stages[0].Instructions));
        Assert.Equal((true, 0, Schedule.Constant), (spec.Stages[1].Instructions, spec.Stages[1].WarmupSteps, spec.Stages[1].Schedule));
        Assert.Equal(["test", "unseen"], spec.Evaluation.Splits);
        Assert.Equal([PoolKind.Local], spec.Evaluation.Pools);
        Assert.Equal(new CheckpointSpec { EverySteps = 10, Keep = 3 }, spec.Checkpoints);
        Assert.Equal(new ResourceSpec { Workers = 2, Device = Device.Cpu }, spec.Resources);
        Assert.Null(spec.Sweep);
    }

    [Fact]
    public void Should_hold_priority_and_labels_when_a_cluster_is_to_choose_by_them()
    {
        var resources = SpecTexts.Spec(SpecTexts.With("workers: 2", "workers: 2, priority: 5, labels: { gpu: h100, rack: 7 }")).Resources;

        Assert.Equal(5, resources.Priority);
        Assert.Equal([("gpu", "h100"), ("rack", "7")], resources.Labels!.Select(label => (label.Key, label.Value)));
    }

    [Fact]
    public void Should_HoldFewestAndMost_When_WorkersAreAMapping()
    {
        var workers = SpecTexts.Spec(SpecTexts.With("workers: 2", "workers: { min: 2, max: 8 }")).Resources.Workers;
        Assert.Equal((2, 8, true), (workers.Min, workers.Max, workers.IsElastic));
        Assert.False(SpecTexts.Spec(SpecTexts.With("workers: 2", "workers: 3")).Resources.Workers.IsElastic);
    }

    [Fact]
    public void Should_hold_the_grid_as_written_when_there_is_a_sweep()
    {
        var spec = SpecTexts.Spec(SpecTexts.WithGrid("retriever.fusion: [early, score], seed: [7, 8]"));

        Assert.Equal(["retriever.fusion", "seed"], spec.Sweep!.Grid.Select(axis => axis.KeyPath));
        Assert.Equal(["7", "8"], spec.Sweep.Grid[1].Values);
    }

    [Fact]
    public void Should_list_all_faults_at_once_when_a_spec_has_five_kinds()
    {
        var text = SpecTexts.Valid
            .Replace("seed: 7", "seed: seven")
            .Replace("    steps: 20", "    stepz: 20")
            .Replace("tasks: [7]", "tasks: [5]")
            .Replace("schedule: constant", "schedule: constent")
            .Replace("keep: 3", "keep: 1");

        var faults = SpecTexts.Parse(text).Faults.Select(fault => fault.ToString());

        Assert.Equal(
            [
                "small.yaml:2:7: seed: 'seven' is not a whole number between -2147483648 and 2147483647",
                "small.yaml:6:5: stages[0].steps: missing; a whole number is required",
                "small.yaml:8:5: stages[0].stepz: unknown key; allowed are name, tasks, instructions, steps, global_batch, sub_batch, weights, hard_negatives, mined_negatives, negatives_within, loss, symmetric, matryoshka, lora, "
                    + "learning_rate, warmup_steps, schedule, weight_decay, clip_norm, parameters, layer_decay; did you mean 'steps'?",
                "small.yaml:12:34: stages[1].tasks[0]: 5 is not a task: image to image and text, which M-BEIR leaves out; allowed are 0 (t->i), "
                    + "1 (t->t), 2 (t->it), 3 (i->t), 4 (i->i), 6 (it->t), 7 (it->i), 8 (it->it)",
                "small.yaml:12:120: stages[1].schedule: 'constent' is not known; allowed are cosine, constant; did you mean 'constant'?",
                "small.yaml:14:39: checkpoints.keep: 1 is not allowed; at least 2",
            ],
            faults);
    }

    [Theory]
    [InlineData("name: small", "name: ../small", "name", "not a name for a folder")]
    [InlineData("name: small", "name: 'a/b'", "name", "not a name for a folder")]
    [InlineData("name: small", "name:", "name", "nothing where a text is expected")]
    [InlineData("name: small", "name: [small]", "name", "a list where a text is expected")]
    [InlineData("seed: 7", "seed: -1", "seed", "at least 0")]
    [InlineData("seed: 7", "seed: \"7\"", "seed", "write it without quotes")]
    [InlineData("seed: 7", "seed: 7.5", "seed", "not a whole number")]
    [InlineData("seed: 7", "seed: 99999999999", "seed", "not a whole number")]
    [InlineData("seed: 7", "seed: 7\nseed: 8", "seed", "duplicate key; it already stands at line 2, column 1")]
    [InlineData("image_size: 32", "image_size: 36", "data.image_size", "multiple of its patch, 8, such as 40")]
    [InlineData("image_size: 32", "image_size: 0", "data.image_size", "multiple of its patch")]
    [InlineData("image_size: 32", "image_size: 32, image_mean: 127", "data.image_mean", "between 0 (black) and 1 (white)")]
    [InlineData("image_size: 32", "image_size: 32, image_std: 0", "data.image_std", "above 0")]
    [InlineData("source: icons", "source: mbeir", "data.root", "missing")]
    [InlineData("source: icons", "source: mbeir, root: nowhere", "data.root", "does not exist")]
    [InlineData("source: icons", "source: icons, root: .", "data.root", "no effect with data.source icons")]
    [InlineData("source: icons", "source: icon", "data.source", "did you mean 'icons'?")]
    [InlineData("fusion: early", "fusion: early, matching: flops", "retriever.matching", "no effect with retriever.fusion early")]
    [InlineData("fusion: early", "fusion: isolated, matching: flops", "retriever.matching", "no effect with retriever.fusion isolated")]
    [InlineData("fusion: early", "fusion: isolated, fusion_layer: 1", "retriever.fusion_layer", "no effect with retriever.fusion isolated; early is where")]
    [InlineData("fusion: early", "fusion: early, fusion_layer: 3", "retriever.fusion_layer", "0, the parts meet at once, to 2, the tower's blocks")]
    [InlineData("fusion: early", "fusion: early, layers: 4, fusion_layer: -1", "retriever.fusion_layer", "to 4, the tower's blocks")]
    [InlineData("fusion: early", "fusion: early, layers: 0", "retriever.layers", "at least 1")]
    [InlineData("fusion: early", "fusion: early, modality_weights: learned", "retriever.modality_weights", "no effect with retriever.fusion early; score is")]
    [InlineData("fusion: early", "fusion: score, feature_mixer: mlp", "retriever.feature_mixer", "no effect with retriever.fusion score; feature joins")]
    [InlineData("fusion: early", "fusion: early, pooling: token", "retriever.pooling", "mean, summary or last")]
    [InlineData("fusion: early", "fusion: early, pooling: summary, attention: causal", "retriever.pooling", "nothing but itself")]
    [InlineData("    global_batch: 32", "    global_batch: 32\n    negatives_within: 12", "stages[0].negatives_within", "a divisor of stages[0].global_batch, 32")]
    [InlineData("    global_batch: 32", "    global_batch: 32\n    negatives_within: 1", "stages[0].negatives_within", "at least 2")]
    [InlineData("    global_batch: 32", "    global_batch: 32\n    negatives_within: 32", "stages[0].negatives_within", "no effect with a stages[0].global_batch of just so many rows")]
    [InlineData("fusion: early", "fusion: Early", "retriever.fusion", "did you mean 'early'?")]
    [InlineData("fusion: early", "fusion: early, precision: fp16", "retriever.precision", "allowed are fp32, bf16; did you mean 'fp32'?; fp16 needs a loss scale")]
    [InlineData("workers: 2", "workers: 2, zero_stage: 1", "resources.zero_stage", "resources.shard_optimizer: true")]
    [InlineData("    global_batch: 32", "    global_batch: 32\n    gradient_accumulation_steps: 4", "stages[0].gradient_accumulation_steps", "resources.chunk_size for what is encoded at once")]
    [InlineData("fusion: early", "fusion: early, temperature: 0.001", "retriever.temperature", "below retriever.minimum_temperature")]
    [InlineData("fusion: early", "fusion: early, minimum_temperature: 0", "retriever.minimum_temperature", "above 0")]
    [InlineData("fusion: early", "fusion: early, temperature_fixed: true, minimum_temperature: 0.02", "retriever.minimum_temperature", "no effect with retriever.temperature_fixed")]
    [InlineData("fusion: early", "fusion: early, logit_bias: -5", "retriever.logit_bias", "no effect with stages that all have loss softmax")]
    [InlineData("    global_batch: 32", "    global_batch: 32\n    loss: sigmoid\n    symmetric: true", "stages[0].symmetric", "symmetric already")]
    [InlineData("    global_batch: 32", "    global_batch: 32\n    loss: sigmoids", "stages[0].loss", "did you mean 'sigmoid'?")]
    [InlineData("fusion: early", "fusion: early, temperature: .inf", "retriever.temperature", "not a finite number")]
    [InlineData("fusion: early", "fusion: early, temperature: NaN", "retriever.temperature", "not a finite number")]
    [InlineData("tasks: [0, 3]", "tasks: []", "stages[0].tasks", "an empty list")]
    [InlineData("tasks: [0, 3]", "tasks: 0", "stages[0].tasks", "where a list is expected")]
    [InlineData("tasks: [0, 3]", "tasks: [0, 9]", "stages[0].tasks[1]", "9 is not a task")]
    [InlineData("tasks: [0, 3]", "tasks: [3, 3]", "stages[0].tasks[1]", "listed twice")]
    [InlineData("instructions: true", "instructions: yes", "stages[1].instructions", "neither true nor false")]
    [InlineData("steps: 40", "steps: 0", "stages[1].steps", "at least 1")]
    [InlineData("steps: 40", "steps: 2147483640", "stages", "add up to more than")]
    [InlineData("    global_batch: 32", "    global_batch: 1", "stages[0].global_batch", "at least 2")]
    [InlineData("    global_batch: 32", "    global_batch: 32\n    sub_batch: 12", "stages[0].sub_batch", "a divisor of stages[0].global_batch, 32")]
    [InlineData("    global_batch: 32", "    global_batch: 32\n    sub_batch: 1", "stages[0].sub_batch", "at least 2")]
    [InlineData("tasks: [7],", "tasks: [7], sub_batch: 8,", "stages[1].sub_batch", "no effect with the one task of stages[1].tasks")]
    [InlineData("    global_batch: 32", "    global_batch: 32\n    hard_negatives: -1", "stages[0].hard_negatives", "at least 0")]
    [InlineData("    global_batch: 32", "    global_batch: 32\n    mined_negatives: { per_query: 1 }", "stages[0].mined_negatives", "nothing to mine with")]
    [InlineData("tasks: [7],", "tasks: [7], mined_negatives: { per_query: 0 },", "stages[1].mined_negatives.per_query", "at least 1")]
    [InlineData("tasks: [7],", "tasks: [7], mined_negatives: { per_query: 9, from_top: 8 },", "stages[1].mined_negatives.from_top", "at least 9")]
    [InlineData("tasks: [7],", "tasks: [7], mined_negatives: { per_query: 1, below_positive: 1.5 },", "stages[1].mined_negatives.below_positive", "at most 1")]
    [InlineData("tasks: [7],", "tasks: [7], mined_negatives: { from_top: 8 },", "stages[1].mined_negatives.per_query", "missing")]
    [InlineData("    global_batch: 32", "    global_batch: 32\n    weights: [{ task: 7, weight: 2 }]", "stages[0].weights[0].task", "not one of stages[0].tasks: 0, 3")]
    [InlineData("    global_batch: 32", "    global_batch: 32\n    weights: [{ task: 0, weight: 0 }]", "stages[0].weights[0].weight", "above 0")]
    [InlineData("    global_batch: 32", "    global_batch: 32\n    weights: [{ task: 0, weight: 1001 }]", "stages[0].weights[0].weight", "at most 1000")]
    [InlineData("    global_batch: 32", "    global_batch: 32\n    weights: [{ weight: 2 }]", "stages[0].weights[0]", "neither a task nor a dataset")]
    [InlineData("    global_batch: 32", "    global_batch: 32\n    weights: [{ task: 0, weight: 2 }, { task: 0, weight: 3 }]", "stages[0].weights[1]", "have a weight above")]
    [InlineData("    global_batch: 32", "    global_batch: 32\n    weights: [{ task: 0 }]", "stages[0].weights[0].weight", "missing")]
    [InlineData("every_steps: 10", "every_steps: 10, keep_every: 15", "checkpoints.keep_every", "a multiple of checkpoints.every_steps, 10")]
    [InlineData("every_steps: 10", "every_steps: 10, keep_best: -1", "checkpoints.keep_best", "at least 0")]
    [InlineData("every_steps: 10", "every_steps: 10, mirror: /mnt/share", "checkpoints.mirror", "'/mnt/share' is not a place in S3-compatible storage; s3://BUCKET or s3://BUCKET/PREFIX")]
    [InlineData("every_steps: 10", "every_steps: 10, mirror: 's3://Bucket/runs'", "checkpoints.mirror", "lower-case letters")]
    [InlineData("resources: {", "health: { patience: 0 }\nresources: {", "health.patience", "at least 1")]
    [InlineData("resources: {", "health: { collapse_below: 1 }\nresources: {", "health.collapse_below", "between 0")]
    [InlineData("resources: {", "health: { stop_on: [collapse, collapse] }\nresources: {", "health.stop_on[1]", "listed twice")]
    [InlineData("resources: {", "health: { stop_on: [explosion] }\nresources: {", "health.stop_on[0]", "collapse")]
    [InlineData("workers: 2", "workers: 33", "stages[0].global_batch", "33 workers")]
    [InlineData("learning_rate: 1.0e-3", "learning_rate: 0", "stages[0].learning_rate", "above 0")]
    [InlineData("learning_rate: 1.0e-3", "learning_rate: 1,5", "stages[0].learning_rate", "not a finite number")]
    [InlineData("learning_rate: 1.0e-3", "learning_rate: 1.0e-3\n    weight_decay: -0.1", "stages[0].weight_decay", "at least 0")]
    [InlineData("learning_rate: 1.0e-3", "learning_rate: 1.0e-3\n    clip_norm: 0", "stages[0].clip_norm", "above 0")]
    [InlineData("learning_rate: 1.0e-3", "learning_rate: 1.0e-3\n    layer_decay: 1", "stages[0].layer_decay", "above 0 and below 1")]
    [InlineData("learning_rate: 1.0e-3", "learning_rate: 1.0e-3\n    parameters: []", "stages[0].parameters", "leave the key out")]
    [InlineData("learning_rate: 1.0e-3", "learning_rate: 1.0e-3\n    parameters: [{ rate: 2 }]", "stages[0].parameters[0].match", "missing")]
    [InlineData("learning_rate: 1.0e-3", "learning_rate: 1.0e-3\n    parameters: [{ match: '' , rate: 2 }]", "stages[0].parameters[0].match", "fits no name")]
    [InlineData("learning_rate: 1.0e-3", "learning_rate: 1.0e-3\n    parameters: [{ match: '*.text.*' }]", "stages[0].parameters[0]", "changes nothing")]
    [InlineData("learning_rate: 1.0e-3", "learning_rate: 1.0e-3\n    parameters: [{ match: '*.text.*', rate: 0 }]", "stages[0].parameters[0].rate", "frozen: true keeps")]
    [InlineData("learning_rate: 1.0e-3", "learning_rate: 1.0e-3\n    parameters: [{ match: '*.text.*', weight_decay: -1 }]", "stages[0].parameters[0].weight_decay", "at least 0")]
    [InlineData("learning_rate: 1.0e-3", "learning_rate: 1.0e-3\n    parameters: [{ match: '*.text.*', frozen: true, rate: 2 }]", "stages[0].parameters[0].rate", "no effect with frozen")]
    [InlineData("learning_rate: 1.0e-3", "learning_rate: 1.0e-3\n    parameters: [{ match: '*.text.*', frozen: true, weight_decay: 0 }]", "stages[0].parameters[0].weight_decay", "no effect with frozen")]
    [InlineData("warmup_steps: 5", "warmup_steps: 20", "stages[0].warmup_steps", "fewer than 20")]
    [InlineData("warmup_steps: 5", "warmup_steps: -5", "stages[0].warmup_steps", "at least 0")]
    [InlineData("name: instruction", "name: adaptation", "stages[1].name", "is the name of stages[0] too")]
    [InlineData("name: instruction", "name: a+b", "stages[1].name", "not a name for a folder")]
    [InlineData("splits: [test, unseen]", "splits: []", "evaluation.splits", "an empty list")]
    [InlineData("splits: [test, unseen]", "splits: [train]", "evaluation.splits[0]", "allowed are val, test, unseen")]
    [InlineData("splits: [test, unseen]", "splits: [test, tset]", "evaluation.splits[1]", "did you mean 'test'?")]
    [InlineData("splits: [test, unseen]", "splits: [test, test]", "evaluation.splits[1]", "listed twice")]
    [InlineData("pools: [local]", "pools: []", "evaluation.pools", "an empty list")]
    [InlineData("pools: [local]", "pools: [local, local]", "evaluation.pools[1]", "listed twice")]
    [InlineData("every_steps: 10", "every_steps: 0", "checkpoints.every_steps", "at least 1")]
    [InlineData("keep: 3", "keep: 1", "checkpoints.keep", "at least 2")]
    [InlineData("workers: 2", "workers: 0", "resources.workers", "at least 1")]
    [InlineData("workers: 2", "workers: many", "resources.workers", "not a whole number")]
    [InlineData("workers: 2", "workers: { min: 2 }", "resources.workers.max", "missing")]
    [InlineData("workers: 2", "workers: { min: 0, max: 2 }", "resources.workers.min", "at least 1")]
    [InlineData("workers: 2", "workers: { min: 4, max: 2 }", "resources.workers.max", "at least resources.workers.min, 4")]
    [InlineData("workers: 2", "workers: { min: 2, max: 33 }", "stages[0].global_batch", "33 workers")]
    [InlineData("workers: 2", "workers: 2, priority: high", "resources.priority", "not a whole number")]
    [InlineData("workers: 2", "workers: 2, labels: h100", "resources.labels", "'h100' where a mapping of names to texts is expected")]
    [InlineData("workers: 2", "workers: 2, labels: {}", "resources.labels", "leave the key out")]
    [InlineData("workers: 2", "workers: 2, labels: { gpu: [h100] }", "resources.labels.gpu", "a list where a text is expected")]
    [InlineData("workers: 2", "workers: 2, labels: { gpu: 'h 100' }", "resources.labels.gpu", "not a label")]
    [InlineData("workers: 2", "workers: 2, labels: { gpu: h100, gpu: a100 }", "resources.labels.gpu", "duplicate key")]
    [InlineData("workers: 2", "workers: 2, chunk_size: 0", "resources.chunk_size", "at least 1")]
    [InlineData("workers: 2", "workers: 1, transport: tcp", "resources.transport", "no effect with resources.workers 1")]
    [InlineData("workers: 2", "workers: 1, shard_optimizer: true", "resources.shard_optimizer", "no effect with resources.workers 1")]
    [InlineData("workers: 2", "workers: 2, transport: nccl", "resources.transport", "nccl exchanges between GPUs, but resources.device is cpu; set resources.device: cuda")]
    [InlineData("workers: 2, device: cpu", "workers: 1, device: cuda, transport: nccl", "resources.transport", "no effect with resources.workers 1")]
    [InlineData("workers: 2", "workers: 2, chunk_size: 32", "resources.chunk_size", "no effect with steps in which no worker encodes more items")]
    [InlineData("device: cpu", "device: gpu", "resources.device", "did you mean 'cpu'?")]
    public void Should_name_the_key_and_the_way_out_when_a_value_is_wrong(string passage, string replacement, string keyPath, string message)
    {
        var faults = SpecTexts.Parse(SpecTexts.With(passage, replacement)).Faults;

        Assert.Contains(faults, fault => fault.KeyPath == keyPath && fault.Message.Contains(message));
        Assert.All(faults, fault => Assert.True(fault.Line > 0 && fault.Column > 0));
    }

    [Fact]
    public void Should_not_judge_what_could_not_be_read_when_other_keys_depend_on_it()
    {
        // With unreadable steps nobody can say whether 5 warm-up steps are too many.
        var faults = SpecTexts.Parse(SpecTexts.With("    steps: 20", "    steps: many")).Faults;

        Assert.Equal("stages[0].steps", Assert.Single(faults).KeyPath);
    }

    [Fact]
    public void Should_name_each_missing_key_once_when_the_spec_is_nearly_empty()
    {
        var faults = SpecTexts.Parse("seed: 1").Faults;

        Assert.Equal(["name", "data", "retriever", "stages"], faults.Select(fault => fault.KeyPath));
    }

    [Theory]
    [InlineData("", 1, "empty")]
    [InlineData("# nothing but a comment\n", 2, "empty")]
    [InlineData("- a\n- b\n", 1, "a list where a mapping is expected")]
    [InlineData("name: small\nstages: [1, 2", 3, "opened at line 2, column 9 is not closed")]
    [InlineData("name: small\ndata: { source: icons", 3, "opened at line 2, column 7 is not closed")]
    [InlineData("name: [1, 2\nseed: 3\ndata: 4\n", 1, "bracket opened here is not closed")]
    [InlineData("name: 'small\nseed: 1", 1, "not readable as YAML")]
    [InlineData("name: small\n\tseed: 1", 2, "not readable as YAML")]
    [InlineData("name: &a small\nseed: 1", 1, "anchors and tags are not read")]
    [InlineData("name: small\nseed: *a", 2, "aliases are not read")]
    [InlineData("name: !!str small", 1, "anchors and tags are not read")]
    [InlineData("name: small\n---\nname: other", 2, "a second document")]
    [InlineData("name: small\n? [a, b]\n: 1", 2, "a key is a plain name")]
    public void Should_give_one_fault_with_its_position_when_the_text_is_not_a_readable_document(string text, int line, string message)
    {
        var fault = Assert.Single(SpecTexts.Parse(text).Faults);

        Assert.Contains(message, fault.Message);
        Assert.InRange(fault.Line, 1, line);
    }

    [Fact]
    public void Should_refuse_with_one_fault_when_the_document_is_nested_without_end() =>
        Assert.Contains("nested deeper", Assert.Single(SpecTexts.Parse(new string('[', 10_000)).Faults).Message);

    [Fact]
    public void Should_take_the_root_from_the_folder_of_the_spec_when_it_is_relative()
    {
        var folder = Directory.CreateTempSubdirectory("jointfusion-spec-");
        try
        {
            Directory.CreateDirectory(Path.Combine(folder.FullName, "set"));
            var file = Path.Combine(folder.FullName, "spec.yaml");
            File.WriteAllText(file, SpecTexts.With("source: icons", "source: mbeir, root: set"));

            Assert.Equal(Path.Combine(folder.FullName, "set"), SpecLoader.Load(file).Spec!.Data.Root);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Should_be_a_fault_when_the_file_is_missing()
    {
        var fault = Assert.Single(SpecLoader.Load("no-such-file.yaml").Faults);

        Assert.StartsWith("no-such-file.yaml: the spec cannot be read:", fault.ToString());
    }
}
