using System.Text.Json;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class ExperimentPlannerTests
{
    private static readonly ExperimentSpec Spec = SpecTexts.Spec(SpecTexts.Valid);

    [Fact]
    public void Should_resolve_every_derived_value_when_the_data_has_what_is_asked()
    {
        var plan = Plans.Of(Spec);

        Assert.Equal(("small", "early", 7), (plan.Experiment, plan.Run, plan.Seed));
        Assert.Equal([1, 21], plan.Stages.Select(stage => stage.FirstStep));
        Assert.Equal(60, plan.TotalSteps);
        Assert.Equal(["adaptation", "adaptation", "instruction", "instruction"], new[] { 1, 20, 21, 60 }.Select(step => plan.StageOf(step).Spec.Name));
        Assert.Equal(new DataPlan(DataSource.Icons, Plans.Data.Root, "0123456789abcdef", 32, 1_500, Plans.Data.TrainQueries), plan.Data);
        Assert.Equal(plan.Retriever.Shape.Parameters(), plan.Retriever.Parameters);
        Assert.Equal(1_500, plan.Retriever.Shape.VocabularySize);
        Assert.Equal(60 * 32 * plan.Retriever.FlopsPerPair, plan.Estimates.TrainingFlops);
    }

    [Theory]
    [InlineData(2, 4, 2)]
    [InlineData(2, 5, 2)]
    [InlineData(4, 2, 1)]
    public void Should_share_the_cores_when_workers_divide_them(int workers, int cores, int threads)
    {
        var plan = Plans.Of(Spec with { Resources = new ResourceSpec { Workers = workers } }, cores: cores);

        Assert.Equal(new ResourcePlan(workers, threads, Device.Cpu), plan.Resources);
    }

    [Fact]
    public void Should_PlanForTheFewestAndTheMost_When_WorkersAreElastic()
    {
        var elastic = Plans.Of(Spec with { Resources = new ResourceSpec { Workers = new WorkerCount { Min = 1, Max = 4 } } }, cores: 8);

        Assert.Equal(new ResourcePlan(4, 2, Device.Cpu, MinWorkers: 1), elastic.Resources);
        Assert.Equal(Plans.Of(Spec with { Resources = new ResourceSpec { Workers = 1 } }).Estimates.WorkerMemoryBytes, elastic.Estimates.WorkerMemoryBytes);
        var four = Plans.Of(Spec with { Resources = new ResourceSpec { Workers = 4 } }, cores: 8);
        Assert.Equal((four.ScienceHash, false), (elastic.ScienceHash, four.PlanHash == elastic.PlanHash));
    }

    [Fact]
    public void Should_hold_state_activations_and_embeddings_when_memory_is_estimated()
    {
        var plan = Plans.Of(Spec);
        var shape = plan.Retriever.Shape;

        // 32 pairs on 2 workers: 16 pairs, 32 items, and their and all 32 candidates' embeddings with gradients.
        var step = (32 * shape.ActivationBytes(shape.PatchesPerImage, shape.MaxTextTokens)) + (2 * (32 + 32) * shape.EmbeddingWidth * 4);
        Assert.Equal((4 * 4 * shape.Parameters()) + step, plan.Estimates.WorkerMemoryBytes);
    }

    [Fact]
    public void Should_give_the_retriever_a_bias_only_when_a_stage_has_the_sigmoid_loss()
    {
        var sigmoid = Spec with { Stages = Spec.Stages.SetItem(1, Spec.Stages[1] with { Loss = Loss.Sigmoid }) };
        var spelledOut = sigmoid with { Retriever = sigmoid.Retriever with { LogitBias = -10 } };
        var (without, with) = (Plans.Of(Spec), Plans.Of(sigmoid));

        Assert.Equal((null, -10), (without.Retriever.LogitBias, with.Retriever.LogitBias));
        Assert.Equal(without.Retriever.Parameters + 1, with.Retriever.Parameters);
        Assert.Equal(without.Stages[0].LineageHash, with.Stages[0].LineageHash);
        Assert.Equal(with.PlanHash, Plans.Of(spelledOut).PlanHash);
    }

    [Fact]
    public void Should_count_their_candidates_when_queries_bring_hard_negatives()
    {
        var plan = Plans.Of(Spec with { Stages = [Spec.Stages[1] with { HardNegatives = 3 }] });
        var shape = plan.Retriever.Shape;

        // 32 pairs on 2 workers: 16 queries with 4 candidates each, and their and all 128 candidates' embeddings with gradients.
        var step = (80 * shape.ActivationBytes(shape.PatchesPerImage, shape.MaxTextTokens)) + (2 * (80 + 128) * shape.EmbeddingWidth * 4);
        Assert.Equal((4 * 4 * shape.Parameters()) + step, plan.Estimates.WorkerMemoryBytes);
        var candidate = shape.FlopsPerItem(shape.PatchesPerImage, tokens: 0);
        Assert.Equal(40 * 32 * (plan.Retriever.FlopsPerPair + (3 * 3 * candidate)), plan.Estimates.TrainingFlops, tolerance: 1);
    }

    [Fact]
    public void Should_hold_a_chunk_and_encode_it_twice_when_items_are_encoded_in_chunks()
    {
        var (whole, chunked) = (Plans.Of(Spec), Plans.Of(Spec with { Resources = new ResourceSpec { Workers = 2, ChunkSize = 8 } }));
        var shape = whole.Retriever.Shape;

        Assert.Equal(24 * shape.ActivationBytes(shape.PatchesPerImage, shape.MaxTextTokens), whole.Estimates.WorkerMemoryBytes - chunked.Estimates.WorkerMemoryBytes);
        Assert.Equal(4.0 / 3, chunked.Estimates.TrainingFlops / whole.Estimates.TrainingFlops, precision: 12);
        Assert.Equal(whole.ScienceHash, chunked.ScienceHash);
        Assert.NotEqual(whole.PlanHash, chunked.PlanHash);
    }

    [Fact]
    public void Should_hold_the_moments_of_its_part_when_the_optimizer_is_sharded()
    {
        ExperimentSpec On(bool sharded) => Spec with { Resources = new ResourceSpec { Workers = 3, ShardOptimizer = sharded } };
        var (whole, sharded) = (Plans.Of(On(false)), Plans.Of(On(true)));

        var largestPart = (whole.Retriever.Parameters + 2) / 3;
        Assert.Equal(8 * (whole.Retriever.Parameters - largestPart), whole.Estimates.WorkerMemoryBytes - sharded.Estimates.WorkerMemoryBytes);
        Assert.Equal(whole.ScienceHash, sharded.ScienceHash);
        Assert.NotEqual(whole.PlanHash, sharded.PlanHash);
    }

    [Theory]
    [InlineData(Fusion.Early, null)]
    [InlineData(Fusion.Isolated, null)]
    [InlineData(Fusion.Score, Matching.Parameters)]
    public void Should_name_the_matching_when_the_spec_leaves_it_open(Fusion fusion, Matching? expected)
    {
        var plan = Plans.Of(Spec with { Retriever = Spec.Retriever with { Fusion = fusion } });

        Assert.Equal(expected, plan.Retriever.Matching);
    }

    [Fact]
    public void Should_list_all_faults_when_the_data_lacks_tasks_and_splits()
    {
        var stages = Spec.Stages
            .SetItem(0, Spec.Stages[0] with { Tasks = [3], HardNegatives = 1 })
            .SetItem(1, Spec.Stages[1] with { Tasks = [7, 4, 8], GlobalBatch = 1_600, SubBatch = 800, HardNegatives = 1 });
        var spec = Spec with { Stages = stages, Evaluation = Spec.Evaluation with { Splits = ["val", "test"] } };

        var faults = ExperimentPlanner.Plan(spec, "early", Plans.Data, cores: 2).Faults.Select(fault => fault.ToString());

        Assert.Equal(
            [
                "run early: stages[1].tasks: the data set has no training query of task 4; it has those of 0, 3, 7",
                "run early: stages[1].tasks: the data set has no training query of task 8; it has those of 0, 3, 7",
                "run early: stages[1].sub_batch: 800 rows of one task, but the data set has 700 training queries of task 7",
                "run early: stages[0].hard_negatives: it has no effect: no training query of task 3 has a neg_cand_list; leave the key out",
                "run early: evaluation.splits: the data set has no split 'val'; it has test, unseen",
            ],
            faults);
    }

    [Fact]
    public void Should_be_the_same_plan_when_it_was_written_and_read()
    {
        var plan = Plans.Of(Spec with { Retriever = Spec.Retriever with { Fusion = Fusion.Feature } });

        var text = JsonSerializer.Serialize(plan, JointFusionJson.File);
        var read = JsonSerializer.Deserialize<RunPlan>(text, JointFusionJson.File)!;

        Assert.Equal(text, JsonSerializer.Serialize(read, JointFusionJson.File));
        Assert.Equal(plan.Retriever, read.Retriever);
    }

    [Fact]
    public void Should_refuse_when_the_spec_is_still_a_sweep() =>
        Assert.Throws<ArgumentException>(() =>
            ExperimentPlanner.Plan(SpecTexts.Spec(SpecTexts.WithGrid("seed: [1]")), "early", Plans.Data, cores: 2));
}
