using System.Collections.Immutable;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>N ranks with their shares of a batch against autograd over the whole batch in one process, in float64.</summary>
public sealed class ParityGateTests
{
    public static TheoryData<Fusion, int, bool, int, string> Cases => new(
        from fusion in Enum.GetValues<Fusion>()
        from ranks in (int[])[1, 2, 3, 4]
        from chunks in (bool[])[false, true]
        from hardNegatives in (int[])[0, 2]
        from loss in (string[])["softmax", "symmetric", "sigmoid"]
        select (fusion, ranks, chunks, hardNegatives, loss));

    public static TheoryData<int, bool, int, string> BlockedCases => new(
        from ranks in (int[])[1, 2, 3, 4]
        from chunks in (bool[])[false, true]
        from hardNegatives in (int[])[0, 2]
        from loss in (string[])["softmax", "symmetric", "sigmoid"]
        select (ranks, chunks, hardNegatives, loss));

    [Theory, MemberData(nameof(Cases))]
    public void Should_Agree_When_TheBatchIsDivided(Fusion fusion, int ranks, bool chunks, int hardNegatives, string loss)
    {
        var plan = Plan(fusion, ranks, chunks ? 8 : null, hardNegatives, loss);
        var outcomes = new IReadOnlyList<ParityOutcome>[ranks];
        RankThreads.Run(ranks, group => outcomes[group.Rank] = new ParityGate(plan, group).Measure());
        Assert.All(outcomes, outcome => Assert.InRange(Assert.Single(outcome).Difference, 0, 1e-12));
    }

    [Theory]
    [InlineData("softmax", 1, null)]
    [InlineData("softmax", 3, 8)]
    [InlineData("symmetric", 2, 8)]
    [InlineData("symmetric", 4, null)]
    [InlineData("sigmoid", 2, null)]
    [InlineData("sigmoid", 3, 8)]
    public void Should_Agree_When_BeginningsOfTheEmbeddingsAreTrainedToo(string loss, int ranks, int? chunkSize)
    {
        foreach (var fusion in Enum.GetValues<Fusion>())
        {
            var plan = Plan(fusion, ranks, chunkSize, hardNegatives: 2, loss);
            plan = plan with { Stages = [plan.Stages[0] with { Spec = plan.Stages[0].Spec with { Matryoshka = [8, 24] } }] };
            RankThreads.Run(ranks, group => Assert.InRange(Assert.Single(new ParityGate(plan, group).Measure()).Difference, 0, 1e-12));
        }
    }

    [Fact]
    public void Should_HaveAnotherGradient_When_ABeginningIsOfAnotherWidth()
    {
        var plan = Plan(Fusion.Early, 1, chunkSize: null, hardNegatives: 0);
        plan = plan with { Stages = [plan.Stages[0] with { Spec = plan.Stages[0].Spec with { Matryoshka = [8] } }] };
        var narrower = plan.Stages[0].Spec with { Matryoshka = [9] };
        using var scope = NewDisposeScope();
        using var retriever = new Retriever(plan.Retriever, plan.Seed);
        double[] Gradient(StageSpec stage)
        {
            using var parameters = new FlatParameters(retriever);
            WholeBatch.Backward(retriever, TestBatches.Of(rows: 4, rank: 0, world: 1), stage);
            return parameters.Gradients.to(ScalarType.Float64).data<double>().ToArray();
        }
        Assert.True(Gradient(plan.Stages[0].Spec).Zip(Gradient(narrower), (one, other) => Math.Abs(one - other)).Max() > 1e-6);
    }

    [Theory, MemberData(nameof(Arms.Names), MemberType = typeof(Arms))]
    public void Should_Agree_When_TheBatchOfAnotherArmIsDivided(string arm)
    {
        foreach (var ranks in (int[])[1, 2, 3, 4])
        {
            var plan = Plan(Fusion.Early, ranks, chunkSize: ranks % 2 == 0 ? 8 : null, hardNegatives: 2, retriever: Arms.Spec(arm));
            RankThreads.Run(ranks, group => Assert.InRange(Assert.Single(new ParityGate(plan, group).Measure()).Difference, 0, 1e-12));
        }
    }

    /// <summary>Blocks of three rows over as many as four ranks, which have two or three: some lie on two ranks, the last is short.</summary>
    [Theory, MemberData(nameof(BlockedCases))]
    public void Should_AgreeWithBlocksOfTheWholeBatch_When_NegativesStayWithin(int ranks, bool chunks, int hardNegatives, string loss)
    {
        var plan = Plan(Fusion.Early, ranks, chunks ? 8 : null, hardNegatives, loss);
        plan = plan with { Stages = [plan.Stages[0] with { Spec = plan.Stages[0].Spec with { NegativesWithin = 16 } }] };
        RankThreads.Run(ranks, group => Assert.InRange(Assert.Single(new ParityGate(plan, group).Measure()).Difference, 0, 1e-12));
    }

    [Fact]
    public void Should_RefuseTheRun_When_NegativesStayWithinButTheGatherIsDropped()
    {
        var plan = Plan(Fusion.Early, 2, chunkSize: null, hardNegatives: 0);
        plan = plan with { Stages = [plan.Stages[0] with { Spec = plan.Stages[0].Spec with { NegativesWithin = 16 } }] };
        RankThreads.Run(2, group => Assert.Throws<ParityException>(new ParityGate(plan, new DroppedGather(group)).Check));
    }

    [Theory, InlineData(2), InlineData(3), InlineData(4)]
    public void Should_Agree_When_GradientsAreReduceScattered(int ranks)
    {
        var plan = Sharded(Plan(Fusion.Early, ranks, chunkSize: 8, hardNegatives: 2));
        RankThreads.Run(ranks, group => Assert.InRange(Assert.Single(new ParityGate(plan, group).Measure()).Difference, 0, 1e-12));
    }

    [Fact]
    public void Should_RefuseTheRunOnAllRanks_When_OnePartIsSummedTwice()
    {
        var plan = Sharded(Plan(Fusion.Early, 3, chunkSize: null, hardNegatives: 0));
        RankThreads.Run(3, group => Assert.Throws<ParityException>(new ParityGate(plan, new TwiceScattered(group, FlatLength(plan))).Check));
    }

    [Theory, InlineData("softmax"), InlineData("symmetric"), InlineData("sigmoid")]
    public void Should_AgreeAndLeaveTheTemperature_When_ItIsFixed(string loss)
    {
        var plan = Plan(Fusion.Early, ranks: 2, chunkSize: null, hardNegatives: 2, loss, temperatureFixed: true);
        RankThreads.Run(2, group => Assert.InRange(Assert.Single(new ParityGate(plan, group).Measure()).Difference, 0, 1e-12));

        using var scope = NewDisposeScope();
        using var retriever = new Retriever(plan.Retriever, plan.Seed);
        using var parameters = new FlatParameters(retriever);
        new GradientCache(LocalProcessGroup.Create(1)[0], new StepClock(), loss == "symmetric", loss: plan.Stages[0].Spec.Loss)
            .Backward(retriever, TestBatches.Of(rows: 4, rank: 0, world: 1));
        Assert.Equal(0, retriever.LogTemperature.grad!.item<float>());
        Assert.True(parameters.Gradients.norm().item<float>() > 0);
    }

    /// <summary>With a frozen picture tower, a chunk of pictures has no graph at all; the temperature may be frozen as well.</summary>
    [Theory]
    [InlineData(Fusion.Early, "*.text.*", "softmax")]
    [InlineData(Fusion.Early, "encoder.*", "sigmoid")]
    [InlineData(Fusion.Score, "log*", "sigmoid")]
    [InlineData(Fusion.Score, "*mage*", "symmetric")]
    [InlineData(Fusion.Feature, "*Tower*", "softmax")]
    public void Should_AgreeOnWhatIsTrained_When_RulesFreezeSome(Fusion fusion, string frozen, string loss)
    {
        foreach (var chunk in (int?[])[null, 8])
        {
            var plan = Plan(fusion, ranks: 2, chunk, hardNegatives: 2, loss);
            var spec = plan.Stages[0].Spec with { Parameters = [new ParameterRule { Match = "encoder.patches.*", Frozen = frozen.Contains("mage") }, new ParameterRule { Match = frozen, Frozen = true }, new ParameterRule { Match = "*", Rate = 0.5 }] };
            plan = plan with { Stages = [plan.Stages[0] with { Spec = spec }] };
            RankThreads.Run(2, group => Assert.InRange(Assert.Single(new ParityGate(plan, group).Measure()).Difference, 0, 1e-12));
        }
    }

    [Fact]
    public void Should_RefuseBeforeTheFirstStep_When_ARuleFitsNoParameter()
    {
        var plan = Plan(Fusion.Early, 1, chunkSize: null, hardNegatives: 0);
        plan = plan with { Stages = [plan.Stages[0] with { Spec = plan.Stages[0].Spec with { Parameters = [new ParameterRule { Match = "*.imageTower.*", Rate = 0.5 }] } }] };
        var refusal = Assert.Throws<ParameterRuleException>(new ParityGate(plan, LocalProcessGroup.Create(1)[0]).Check);
        Assert.StartsWith("stages[0].parameters[0].match: no parameter is named like '*.imageTower.*'", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<ParameterRuleException>(() => new TrainingState(plan, CPU, LocalProcessGroup.Create(1)[0]));
    }

    [Theory]
    [InlineData("a dropped gather")]
    [InlineData("candidate gradients that stay home")]
    [InlineData("a wrong scale")]
    [InlineData("a temperature summed twice")]
    [InlineData("a dropped gather", "sigmoid")]
    [InlineData("a temperature summed twice", "sigmoid")]
    public void Should_RefuseTheRunOnAllRanks_When(string fault, string loss = "softmax")
    {
        const int ranks = 2;
        var plan = Plan(Fusion.Early, ranks, chunkSize: null, hardNegatives: 0, loss);
        var refusals = new Exception[ranks];
        RankThreads.Run(ranks, group =>
            refusals[group.Rank] = Assert.Throws<ParityException>(new ParityGate(plan, Faulty(fault, group, plan)).Check));
        Assert.All(refusals, refusal => Assert.Contains("the gradient of ", refusal.Message, StringComparison.Ordinal));
        if (fault == "a temperature summed twice")
            Assert.All(refusals, refusal => Assert.Contains("the gradient of logTemperature in stage only", refusal.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Should_RefuseTheRunOnAllRanks_When_OneAloneIsWrong()
    {
        var plan = Plan(Fusion.Early, 2, chunkSize: null, hardNegatives: 0);
        var refusals = new Exception[2];
        RankThreads.Run(2, group =>
        {
            var faulty = group.Rank == 1 ? new WrongScale(group) : group;
            refusals[group.Rank] = Assert.Throws<ParityException>(new ParityGate(plan, faulty).Check);
        });
        Assert.Contains("Another rank", refusals[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_BeNonFiniteOnEveryRank_When_OneRanksWeightIs()
    {
        var losses = new double[2];
        RankThreads.Run(2, group =>
        {
            using var retriever = new Retriever(TestItems.Plan(Fusion.Early), seed: 11);
            using var parameters = new FlatParameters(retriever);
            using (no_grad())
            {
                if (group.Rank == 1)
                    retriever.LogTemperature.fill_(double.NaN);
            }
            losses[group.Rank] = new GradientCache(group, new StepClock()).Backward(retriever, TestBatches.Of(rows: 5, group.Rank, world: 2)).Loss;
        });
        Assert.All(losses, loss => Assert.True(double.IsNaN(loss)));
    }

    private static IProcessGroup Faulty(string fault, IProcessGroup group, RunPlan plan) => fault switch
    {
        "a dropped gather" => new DroppedGather(group),
        "candidate gradients that stay home" => new DroppedScatter(group),
        "a wrong scale" => new WrongScale(group),
        _ => new TwiceSummed(group, PlaceOfTemperature(plan)),
    };

    private static int PlaceOfTemperature(RunPlan plan)
    {
        using var retriever = new Retriever(plan.Retriever, plan.Seed);
        using var parameters = new FlatParameters(retriever);
        return (int)parameters.Parts.Single(part => part.Name == "logTemperature").First;
    }

    private static int FlatLength(RunPlan plan)
    {
        using var retriever = new Retriever(plan.Retriever, plan.Seed);
        using var parameters = new FlatParameters(retriever);
        return (int)parameters.Total;
    }

    private static RunPlan Sharded(RunPlan plan) => plan with { Resources = plan.Resources with { ShardOptimizer = true } };

    private static RunPlan Plan(
        Fusion fusion, int ranks, int? chunkSize, int hardNegatives, string loss = "softmax", bool temperatureFixed = false, RetrieverSpec? retriever = null)
    {
        var one = ImmutableSortedDictionary<int, int>.Empty.Add(7, 100);
        var data = new DataSummary("set", "0123", TestItems.Vocabulary, one, one, ["test"]);
        var spec = new ExperimentSpec
        {
            Name = "parity",
            Seed = 11,
            Data = new DataSpec { Source = DataSource.Icons, ImageSize = 32 },
            Retriever = retriever ?? new RetrieverSpec { Preset = Preset.Nano, Fusion = fusion, TemperatureFixed = temperatureFixed },
            Stages =
            [
                new StageSpec
                {
                    Name = "only",
                    Tasks = [7],
                    Steps = 1,
                    GlobalBatch = 64,
                    LearningRate = 1e-3,
                    HardNegatives = hardNegatives,
                    Loss = loss == "sigmoid" ? Loss.Sigmoid : Loss.Softmax,
                    Symmetric = loss == "symmetric",
                },
            ],
            Resources = new ResourceSpec { Workers = ranks, ChunkSize = chunkSize },
        };
        return ExperimentPlanner.Plan(spec, "run", data, cores: ranks).Plan!;
    }
}
