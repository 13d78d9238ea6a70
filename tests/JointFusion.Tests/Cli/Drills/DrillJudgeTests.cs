using JointFusion.Cli;
using JointFusion.Experiments;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

public sealed class DrillJudgeTests
{
    private const string Run = "drill/early";
    private const int Steps = 40;
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DrillLimits Limits = new(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15));
    private static readonly DrillEvidence Undisturbed = new("plan", Steps, [Began(1, 0), new RunSucceeded(Run, 1, At(50))], [.. Lines(1, Steps, 1, 0)], "weights", "outcomes");

    /// <summary>Killed after step 25, gone on from step 20 at second 27.5.</summary>
    private static readonly DrillEvidence Recovered = Undisturbed with
    {
        Journal = [Began(1, 0), Broke(1, 25), Began(2, 26, resume: 20), new RunSucceeded(Run, 2, At(60))],
        Steps = [.. Lines(1, 20, 1, 0), .. Lines(21, Steps, 2, 6.5)],
    };

    private static readonly DrillStrike Killed = new(At(25), "rank 1 killed", new DrillReturn("coordinator back", TimeSpan.FromSeconds(4)));

    [Fact]
    public void Should_ComputeWhatItCost_When_AnAttemptFollowed()
    {
        var verdict = Judge(Recovered);

        Assert.True(verdict.Survived, string.Join("; ", verdict.Lost));
        Assert.Equal((2, 5, 2.5, 4.0), (verdict.Attempts, verdict.StepsRepeated, verdict.TrainingAwaySeconds!.Value, verdict.BackSeconds!.Value));
    }

    [Fact]
    public void Should_CountFromTheLedger_When_TheJournalledCheckpointWasTorn() =>
        Assert.Equal(15, Judge(Recovered with { Steps = [.. Lines(1, 10, 1, 0), .. Lines(11, Steps, 2, 16.5)] }).StepsRepeated);

    [Fact]
    public void Should_CountBothSetbacks_When_AnAttemptLeftNoStep()
    {
        var twice = Recovered with
        {
            Journal = [Began(1, 0), Broke(1, 25), Began(2, 26, resume: 20), Broke(2, 28), Began(3, 29, resume: 20), new RunSucceeded(Run, 3, At(60))],
            Steps = [.. Lines(1, 20, 1, 0), .. Lines(21, Steps, 3, 9.5)],
        };
        Assert.Equal((3, 13), (Judge(twice).Attempts, Judge(twice).StepsRepeated));
    }

    [Fact]
    public void Should_TakeTheLongestPause_When_TheAttemptWentOn()
    {
        var paused = Undisturbed with { Steps = [.. Lines(1, 30, 1, 0), .. Lines(31, Steps, 1, 3)] };
        var verdict = Judge(paused);
        Assert.Equal((1, 0, 4.0), (verdict.Attempts, verdict.StepsRepeated, verdict.TrainingAwaySeconds!.Value));
    }

    [Fact]
    public void Should_SayWhatIsLost_When_TheRunIsNotAsTheUndisturbedOne()
    {
        Assert.All(
            new (DrillEvidence Run, string Lost)[]
            {
                (Recovered with { Journal = Recovered.Journal[..^1] }, "the run succeeded 0 times"),
                (Recovered with { Journal = [.. Recovered.Journal, new RunSucceeded(Run, 2, At(61))] }, "the run succeeded 2 times"),
                (Recovered with { Journal = Recovered.Journal.RemoveAt(1) }, "attempt 2 began while attempt 1 was not over"),
                (Recovered with { Steps = Recovered.Steps.RemoveAt(30) }, "1 steps are not in the ledger, the first is 31"),
                (Recovered with { Steps = Recovered.Steps.Insert(30, Recovered.Steps[30]) }, "steps are in the ledger twice"),
                (Recovered with { Steps = Recovered.Steps.SetItem(30, Recovered.Steps[30] with { Generation = 1 }) }, "step 31 was written by attempt 1 after attempt 2"),
                (Recovered with { Steps = Recovered.Steps.SetItem(30, Recovered.Steps[30] with { Ledger = "other" }) }, "step 31 is (31, other,"),
                (Recovered with { Steps = Recovered.Steps.SetItem(30, Recovered.Steps[30] with { Loss = 0.5 }) }, "step 31 is (31, ledger, 0.5"),
                (Recovered with { Weights = "others" }, "the weights' hash is others"),
                (Recovered with { Weights = null }, "the last step's checkpoint is not there"),
                (Recovered with { Outcomes = "others" }, "outcomes are other ones"),
                (Recovered with { Outcomes = null }, "outcomes are not there"),
                (Recovered with { PlanHash = "other" }, "the plan hash is other"),
            },
            wrong =>
            {
                var verdict = Judge(wrong.Run);
                Assert.True(verdict.Failed);
                Assert.Contains(verdict.Lost, lost => lost.Contains(wrong.Lost, StringComparison.Ordinal));
            });
    }

    [Fact]
    public void Should_SayWhatWasLate_When_RecoveryTookTooLong()
    {
        var late = Judge(Recovered, Killed with { At = At(21), Back = new DrillReturn("coordinator back", TimeSpan.FromSeconds(16)) });

        Assert.Empty(late.Lost);
        Assert.Equal(["training: 6.5 s, 5 s are allowed", "coordinator back: 16.0 s, 15 s are allowed"], late.Late);
        Assert.True(late.Failed);
    }

    private static DrillVerdict Judge(DrillEvidence run, DrillStrike? strike = null) => DrillJudge.Judge("kill-worker", strike ?? Killed, Limits, run, Undisturbed);

    private static AttemptStarted Began(int generation, double at, int? resume = null) => new(Run, generation, resume, [new SlotAddress("a", 0)], At(at));

    private static AttemptFailed Broke(int generation, int furthest) =>
        new(Run, generation, new RunFailure(1, ReplicaPhase.Training, FailureKind.Crashed, "killed"), 0, furthest, At(furthest));

    /// <summary>A step a second.</summary>
    private static IEnumerable<StepMetrics> Lines(int first, int last, int generation, double late) => Enumerable.Range(first, last - first + 1).Select(step => new StepMetrics
    {
        Run = "early",
        Generation = generation,
        Stage = "adaptation",
        Step = step,
        Loss = 1.0 / step,
        Accuracy = 0,
        GradientNorm = 1,
        LearningRate = 1,
        Temperature = 1,
        Ledger = "ledger",
        PairsPerSecond = 1,
        MaskedNegatives = 0,
        Seconds = new StepSeconds(1, 0, 0, 0, 0, 0, 0),
        ResidentBytes = 1,
        At = At(step + late),
    });

    private static DateTimeOffset At(double seconds) => Start + TimeSpan.FromSeconds(seconds);
}
