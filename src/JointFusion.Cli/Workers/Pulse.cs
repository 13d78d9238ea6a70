using JointFusion.Orchestration;
using JointFusion.Training;

namespace JointFusion.Cli;

/// <summary>Tells once a second what the training thread is doing, from a thread of its own: also when that one is stuck.</summary>
internal sealed class Pulse : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ManualResetEventSlim ended = new();
    private readonly Thread thread;

    public Pulse(RunWatch watch, IReplicaReports reports)
    {
        thread = new Thread(() =>
        {
            do
                reports.Pulse(watch.Now());
            while (!ended.Wait(Interval));
        })
        { IsBackground = true, Name = "pulse" };
        thread.Start();
    }

    public void Dispose()
    {
        ended.Set();
        thread.Join();
        ended.Dispose();
    }
}
