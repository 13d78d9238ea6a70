using System.Collections.Immutable;
using System.Globalization;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>How this program starts itself again as a worker.</summary>
public static class WorkerLaunches
{
    /// <summary>
    /// glibc hands large freed blocks back to the kernel and faults them in again at the next step: keeping them is faster, and on huge pages
    /// (glibc 2.35 and later) by some 7 % more. Ignored elsewhere.
    /// </summary>
    private static readonly ImmutableDictionary<string, string> KeepFreedMemory = ImmutableDictionary<string, string>.Empty
        .Add("MALLOC_MMAP_THRESHOLD_", "1073741824")
        .Add("MALLOC_TRIM_THRESHOLD_", "4294967296")
        .Add("MALLOC_TOP_PAD_", "67108864")
        .Add("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");

    /// <summary>Of the process that answers a server's queries.</summary>
    /// <param name="threads">That it computes with.</param>
    public static WorkerLaunch OfQueries(int threads) => new(
        OwnProgram.Command[0],
        [.. OwnProgram.Command[1..], QueryWorkerVerb.Name],
        ImmutableDictionary<string, string>.Empty
            .Add("OMP_WAIT_POLICY", "PASSIVE")
            .Add("OMP_NUM_THREADS", threads.ToString(CultureInfo.InvariantCulture)));

    /// <param name="threads">Of each worker. OpenMP reads its settings when the process starts: they cannot be set from inside.</param>
    /// <param name="address">Where workers of other machines reach them; null: there are none, and the plan, made on this machine, says how many threads each has.</param>
    public static WorkerLaunch Of(int threads, string? address = null)
    {
        return new WorkerLaunch(
            OwnProgram.Command[0],
            [.. OwnProgram.Command[1..], WorkerVerb.Name, .. address is null ? [] : (string[])[WorkerVerb.AddressOption, address, WorkerVerb.ThreadsOption, Text(threads)]],
            KeepFreedMemory
                .Add("DOTNET_GCConserveMemory", "9") // Batches are large objects: uncompacted, their garbage is kept for steps.
                .Add("OMP_WAIT_POLICY", "PASSIVE")
                .Add("CUBLAS_WORKSPACE_CONFIG", ":4096:8") // Of several workspaces cuBLAS takes any, and adds otherwise: DeterministicAlgorithms asks for this.
                .Add("NCCL_NVLS_ENABLE", Environment.GetEnvironmentVariable("NCCL_NVLS_ENABLE") ?? "0") // Sums inside the switch do not repeat bitwise.
                .Add("OMP_NUM_THREADS", Text(threads)))
        {
            Devices = VisibleDevices.Here,
        };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
