namespace JointFusion.Dashboard;

/// <summary>Somebody who looks at all figures of a run; until it is disposed the board keeps them.</summary>
internal sealed class RunWatch(RunCurves curves, Action leave) : IDisposable
{
    private Action? leave = leave;

    public RunCurves Curves => curves;

    public void Dispose() => Interlocked.Exchange(ref leave, null)?.Invoke();
}
