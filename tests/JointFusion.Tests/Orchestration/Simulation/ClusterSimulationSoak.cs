using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace JointFusion.Tests;

/// <summary>A hundred simulated clusters' lives. Minutes long, so it runs only when asked for; how, and its outcome: cluster-simulation.md beside this file.</summary>
public sealed class ClusterSimulationSoak(ITestOutputHelper output)
{
    private static readonly int Seeds = int.Parse(Environment.GetEnvironmentVariable("JF_SOAK_SEEDS") ?? "100", CultureInfo.InvariantCulture);

    [Fact(Explicit = true)]
    public async Task Should_lose_nothing_and_run_nothing_twice_when_everything_fails()
    {
        var clock = Stopwatch.StartNew();
        var outcomes = new ConcurrentBag<SimulationOutcome>();
        var pool = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = TestContext.Current.CancellationToken };
        Parallel.For(1, Seeds + 1, pool, seed => outcomes.Add(Live(seed, clock)));

        var table = string.Create(CultureInfo.InvariantCulture, $"""
            | lives | runs | attempts | yields | quarantines | faults | virtual h | decisions | mean ms | 99.9 % below ms | wall s |
            |--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
            | {outcomes.Count} | {outcomes.Count * new SimulationPlan(0).Runs} | {outcomes.Sum(life => life.Attempts)} | {outcomes.Sum(life => life.Yields)} | {outcomes.Sum(life => life.Quarantines)} | {outcomes.Sum(life => life.Faults)} | {outcomes.Sum(life => life.VirtualTime.TotalHours):0} | {outcomes.Sum(life => life.Decisions.Count)} | {outcomes.Average(life => life.Decisions.Mean):0.000} | {outcomes.Max(life => life.Decisions.Of(0.999)):0.00} | {clock.Elapsed.TotalSeconds:0} |

            """);
        output.WriteLine(table);
        if (Environment.GetEnvironmentVariable("JF_SOAK_OUT") is { } file)
            await File.WriteAllTextAsync(file, table, TestContext.Current.CancellationToken);
    }

    private static SimulationOutcome Live(int seed, Stopwatch clock)
    {
        var began = clock.Elapsed;
        try
        {
            var outcome = new SimulatedCluster(new SimulationPlan(seed)).Live();
            Console.Error.WriteLine($"seed {seed}: {outcome.VirtualTime.TotalMinutes:0} virtual min in {(clock.Elapsed - began).TotalSeconds:0.0} s");
            return outcome;
        }
        catch (SimulationException e)
        {
            throw new SimulationException($"seed {seed}, {e.Message}");
        }
    }
}
