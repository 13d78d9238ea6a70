using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>What this rank is doing right now, and how long that may take. Written by its training thread, read by the one that tells of it.</summary>
public sealed class RunWatch(TimeProvider? time = null)
{
    /// <summary>Of a step's phases, until they have a history.</summary>
    public static readonly TimeSpan FirstSteps = TimeSpan.FromMinutes(2);

    /// <summary>Of the phases that come once in a run and so never have one.</summary>
    public static readonly TimeSpan Once = TimeSpan.FromMinutes(10);

    private static readonly string[] StepPhases = [.. Enum.GetNames<StepPhase>().Select(name => name.ToLowerInvariant())];

    private readonly TimeProvider time = time ?? TimeProvider.System;
    private readonly Lock gate = new();
    private readonly Dictionary<string, PhaseHistory> histories = [];
    private string doing = "starting";
    private long since = (time ?? TimeProvider.System).GetTimestamp();
    private int step;
    private CollectiveCall? collective;
    private long collectiveSince;
    private long collectives;

    public void Enter(RunPhase phase) => EnterOnce(Words(phase));

    /// <summary>Something that is done once in a run, outside of steps.</summary>
    public void EnterOnce(string what)
    {
        lock (gate)
        {
            step = 0;
            Enter(what, Once);
        }
    }

    /// <summary>A phase of the step that is being taken.</summary>
    public void Enter(StepPhase phase)
    {
        lock (gate)
            Enter(StepPhases[(int)phase], FirstSteps);
    }

    public void TakeUp(int nextStep)
    {
        lock (gate)
            step = nextStep;
    }

    public RankPulse Now()
    {
        lock (gate)
        {
            var budget = HistoryOf(doing, Once).Budget();
            return new RankPulse(
                doing,
                step,
                collective is { } call ? $"{call.Name} of {call.Bytes} bytes" : null,
                collectives,
                time.GetElapsedTime(collective is null ? since : collectiveSince).TotalSeconds,
                budget.TotalSeconds);
        }
    }

    internal void Begin(in CollectiveCall call)
    {
        lock (gate)
            (collective, collectives, collectiveSince) = (call, call.Sequence, time.GetTimestamp());
    }

    internal void End()
    {
        lock (gate)
            collective = null;
    }

    private void Enter(string next, TimeSpan unlearnt)
    {
        var now = time.GetTimestamp();
        HistoryOf(doing, unlearnt).Add(time.GetElapsedTime(since, now));
        (doing, since) = (next, now);
        HistoryOf(next, unlearnt);
    }

    private PhaseHistory HistoryOf(string phase, TimeSpan unlearnt)
    {
        if (!histories.TryGetValue(phase, out var history))
            histories.Add(phase, history = new PhaseHistory(unlearnt));
        return history;
    }

    private static string Words(RunPhase phase) => phase switch
    {
        RunPhase.CheckingGradients => "checking gradients",
        RunPhase.LoadingData => "loading data",
        RunPhase.Resuming => "resuming",
        RunPhase.Training => "entering a stage",
        RunPhase.Evaluating => "evaluating",
        _ => throw new ArgumentOutOfRangeException(nameof(phase), phase, "A phase without words."),
    };
}
