using System.Diagnostics.Metrics;
using JointFusion.Orchestration;
using Microsoft.Extensions.Hosting;

namespace JointFusion.Dashboard;

/// <summary>How long the coordinator of this process took for its decisions, from the moment on that the server serves.</summary>
internal sealed class DecisionHistogram : IHostedService, IDisposable
{
    /// <summary>Seconds.</summary>
    public static IReadOnlyList<double> Bounds { get; } = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1, 3];

    private readonly MeterListener listener = new();
    private readonly Lock gate = new();
    private readonly long[] counts = new long[Bounds.Count + 1];
    private double sum;

    public DecisionHistogram()
    {
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (instrument.Name == ClusterMeter.DecisionTime && instrument.Meter.Name == ClusterMeter.Name)
                own.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, seconds, _, _) => Add(seconds));
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        listener.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Of each bucket by itself, and all seconds added up.</summary>
    public (IReadOnlyList<long> Counts, double Sum) Read()
    {
        lock (gate)
            return ([.. counts], sum);
    }

    public void Dispose() => listener.Dispose();

    private void Add(double seconds)
    {
        var bucket = 0;
        while (bucket < Bounds.Count && seconds > Bounds[bucket])
            bucket++;
        lock (gate)
        {
            counts[bucket]++;
            sum += seconds;
        }
    }
}
