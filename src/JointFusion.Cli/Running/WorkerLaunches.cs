using System.Collections.Immutable;
using System.Globalization;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>How this program starts itself again as a worker.</summary>
public static class WorkerLaunches
{
    /// <param name="threads">Of each worker. OpenMP reads its settings when the process starts: they cannot be set from inside.</param>
    public static WorkerLaunch Of(int threads)
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this process is unknown.");
        var isHost = Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        return new WorkerLaunch(
            program,
            isHost ? [typeof(WorkerLaunches).Assembly.Location, WorkerVerb.Name] : [WorkerVerb.Name],
            ImmutableDictionary<string, string>.Empty
                .Add("OMP_WAIT_POLICY", "PASSIVE")
                .Add("OMP_NUM_THREADS", threads.ToString(CultureInfo.InvariantCulture)));
    }
}
