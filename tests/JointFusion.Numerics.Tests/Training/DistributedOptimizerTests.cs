using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>Divided over ranks against whole, in float64, on 63 parameters of which 45 decay, laid out over 112 places: the border lies inside a part, and over three ranks parts are uneven.</summary>
public sealed class DistributedOptimizerTests
{
    private const int Total = 112, Decayed = 48, Rows = 12;
    private const double ClipNorm = 45;

    private static readonly StageSpec Stage = new()
    {
        Name = "s",
        Tasks = [0],
        Steps = 20,
        GlobalBatch = Rows,
        LearningRate = 0.01,
        WeightDecay = 0.1,
        ClipNorm = ClipNorm,
    };

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void Should_EndWithTheSameParametersEverywhere_When_Divided(int ranks)
    {
        var (whole, divided) = (Train(ranks, divide: false), Train(ranks, divide: true));

        Assert.All(divided, rank => Assert.Equal(divided[0].Values, rank.Values));
        Assert.All(divided, rank => Assert.Equal(divided[0].Norms, rank.Norms));
        Assert.All(whole[0].Values.Zip(divided[0].Values), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        Assert.All(whole[0].Norms.Zip(divided[0].Norms), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        Assert.Contains(whole[0].Norms, norm => norm > ClipNorm); // else nothing was clipped
        Assert.Contains(whole[0].Norms, norm => norm < ClipNorm);
    }

    /// <summary>Over four ranks each border of a part lies inside a group, and a group inside a part.</summary>
    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void Should_EndWithTheSameParametersEverywhere_When_DividedInGroups(int ranks)
    {
        var stage = Stage with
        {
            Parameters = [new ParameterRule { Match = "0.*", Rate = 0.3 }, new ParameterRule { Match = "2.weight", Frozen = true }, new ParameterRule { Match = "3.weight", WeightDecay = 0.7 }],
        };
        var (plain, whole, divided) = (Train(ranks, divide: false), Train(ranks, divide: false, stage), Train(ranks, divide: true, stage));

        Assert.All(divided, rank => Assert.Equal(divided[0].Values, rank.Values));
        Assert.All(whole[0].Values.Zip(divided[0].Values), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        Assert.All(whole[0].Norms.Zip(divided[0].Norms), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        Assert.Equal(Total - 16, whole[0].Values.Length); // without the frozen norm's 5 places and their gap
        Assert.NotEqual(plain[0].Norms, whole[0].Norms);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void Should_HoldTheMomentsOfItsPartAlone_When_Divided(int ranks) => With(ranks, divide: true, (group, _, flat, optimizer) =>
    {
        var own = Share.Of(group.Rank, ranks, Total).Count;
        Assert.Equal((own, own), (optimizer.Own.FirstMoment.numel(), optimizer.Own.SecondMoment.numel()));
        Assert.Equal((own, own), (Elements(optimizer.Own.FirstMoment), Elements(optimizer.Own.SecondMoment)));
        Assert.InRange(own, Total / ranks, (Total / ranks) + 1);
    });

    [Theory, InlineData(double.NaN), InlineData(double.PositiveInfinity)]
    public void Should_RefuseOnAllRanksAndChangeNothing_When_OnePartsGradientIsNotFinite(double value) => With(3, divide: true, (group, _, flat, optimizer) =>
    {
        var before = flat.Values.clone();
        if (group.Rank == 1)
            flat.Parts[^1].Of(flat.Gradients)[0] = value; // the last rank's part
        optimizer.SumGradients();
        Assert.Throws<NonFiniteException>(() => optimizer.Step(0.01, new StepClock()));
        Assert.True(before.eq(flat.Values).all().item<bool>());
        Assert.Equal(0, optimizer.Own.Updates);
        Assert.Equal(0, optimizer.Own.FirstMoment.abs().sum().item<double>());
    });

    [Theory, InlineData(false), InlineData(true)]
    public void Should_LendRankZeroTheWholeMomentsAndTakeThemBack_When_SavedAndRestored(bool divide) => With(4, divide, (group, _, flat, optimizer) =>
    {
        using var whole = new DistributedOptimizer(flat, Stage, LocalProcessGroup.Create(1)[0], divide: false);
        Tensor First() => arange(Total, ScalarType.Float64);
        optimizer.Restore(first => first.copy_(First()), second => second.copy_(-First()), updates: 7);
        whole.Restore(first => first.copy_(First()), second => second.copy_(-First()), updates: 7);
        Assert.Equal(7, optimizer.Own.Updates);
        Assert.Equal(Doubles(optimizer.Own.Slice(whole.Own.SecondMoment)), Doubles(optimizer.Own.SecondMoment));

        var lent = 0;
        optimizer.LendMoments(wanted: true, (first, second) =>
        {
            lent++;
            Assert.Equal(Doubles(First()), Doubles(first));
            Assert.Equal(Doubles(-First()), Doubles(second));
        });
        Assert.Equal(divide && group.Rank > 0 ? 0 : 1, lent);
        Assert.Equal(0, flat.Gradients.abs().sum().item<double>());
    });

    [Fact]
    public void Should_LendNothingAndGoOn_When_RankZeroDoesNotWantIt() => With(3, divide: true, (group, _, flat, optimizer) =>
    {
        optimizer.LendMoments(wanted: group.Rank > 0, (_, _) => Assert.Fail("They were not wanted."));
        group.Barrier();
    });

    [Fact]
    public void Should_LeaveNoTensorBehind_When_SteppingAndLending() => With(2, divide: true, (group, _, flat, optimizer) =>
    {
        long Live()
        {
            optimizer.SumGradients();
            optimizer.Step(0.01, new StepClock());
            optimizer.LendMoments(wanted: true, (_, _) => { });
            return DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        }
        Assert.Single(Enumerable.Range(0, 5).Select(_ => Live()).Distinct());
    });

    /// <returns>By rank, after 20 steps, each over all ranks' rows of an input.</returns>
    private static (double[] Values, double[] Norms)[] Train(int ranks, bool divide, StageSpec? stage = null)
    {
        var ends = new (double[], double[])[ranks];
        With(ranks, divide, (group, module, flat, optimizer) =>
        {
            var norms = new List<double>();
            for (var step = 0; step < 20; step++)
            {
                using var scope = NewDisposeScope();
                var share = Share.Of(group.Rank, ranks, Rows);
                var input = arange(Rows * 6, ScalarType.Float64).add(step).cos().view(Rows, 6).narrow(0, share.First, share.Count);
                module.call(input).square().sum().backward();
                optimizer.SumGradients();
                norms.Add(optimizer.Step(0.01, new StepClock()));
            }
            Assert.Equal(0, flat.Gradients.abs().sum().item<double>());
            ends[group.Rank] = (Doubles(flat.Values), [.. norms]);
        }, stage);
        return ends;
    }

    private static void With(int ranks, bool divide, Action<IProcessGroup, nn.Module<Tensor, Tensor>, FlatParameters, DistributedOptimizer> body, StageSpec? stage = null) => RankThreads.Run(ranks, group =>
    {
        using var module = nn.Sequential(nn.Linear(6, 5), nn.GELU(), nn.LayerNorm(5), nn.Linear(5, 3));
        Initialization.Draw(module, seed: 3);
        module.to(ScalarType.Float64);
        using var flat = new FlatParameters(new ModelParameters(module), stage);
        if (stage is null)
            Assert.Equal((Total, Decayed), (flat.Total, flat.Groups[0].Count));
        using var optimizer = new DistributedOptimizer(flat, stage ?? Stage, group, divide);
        body(group, module, flat, optimizer);
    });

    /// <summary>What its storage holds, not what a view shows.</summary>
    private static long Elements(Tensor tensor) => tensor.storage<double>().Count;

    private static double[] Doubles(Tensor tensor) => tensor.data<double>().ToArray();
}
