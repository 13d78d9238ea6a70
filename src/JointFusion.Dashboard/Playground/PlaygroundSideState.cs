namespace JointFusion.Dashboard;

/// <summary>One of the two answers that a playground compares.</summary>
public sealed class PlaygroundSideState(string name)
{
    public string Name => name;

    /// <summary>That will be asked; null: there is none.</summary>
    public SavedCheckpoint? Checkpoint { get; set; }

    /// <summary>That has answered.</summary>
    public SavedCheckpoint? Answered { get; private set; }

    public PlaygroundAnswer? Answer { get; private set; }

    /// <summary>What is done meanwhile; null: nothing is.</summary>
    public string? Doing { get; private set; }

    public string? Fault { get; private set; }

    /// <summary>There is something new to draw.</summary>
    public event Action? Changed;

    public void Begin() => Set("Waiting for its turn…", null, null);

    public void Tell(string doing) => Set(doing, Answer, Fault);

    public void Fail(string reason) => Set(null, null, reason);

    public void End(SavedCheckpoint by, PlaygroundAnswer answer)
    {
        Answered = by;
        Set(null, answer, null);
    }

    private void Set(string? doing, PlaygroundAnswer? answer, string? fault)
    {
        (Doing, Answer, Fault) = (doing, answer, fault);
        Changed?.Invoke();
    }
}
