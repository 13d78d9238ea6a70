using System.Diagnostics;
using System.Globalization;

namespace JointFusion.Benchmarks;

/// <summary>Open MPI's all-reduce through shared memory, where mpicc and mpirun are installed (Debian: openmpi-bin, libopenmpi-dev).</summary>
internal sealed class MpiContestant : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("jointfusion-mpi-");
    private readonly string program;
    private readonly string[] prefix;

    private MpiContestant()
    {
        program = Path.Combine(folder.FullName, "mpi_allreduce");
        // mpirun listens on every interface, whatever it is told: a network namespace of its own, where that is allowed.
        prefix = Succeeds("unshare", "--net", "true") ? ["unshare", "--net", "sh", "-c", "ip link set lo up; exec \"$@\"", "sh"] : [];
    }

    /// <summary>Null where it is not installed.</summary>
    public static MpiContestant? Find()
    {
        var mpi = new MpiContestant();
        var source = Path.Combine(AppContext.BaseDirectory, "AllReduce", "mpi_allreduce.c");
        if (Succeeds("mpirun", "--version") && Succeeds("mpicc", "-O3", "-o", mpi.program, source)) return mpi;
        mpi.Dispose();
        return null;
    }

    public ILookup<int, double> Run(int worldSize, int volume, IReadOnlyList<int> sizes)
    {
        string[] command =
        [
            .. prefix, "mpirun", "--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "--mca", "btl", "vader,self", "--mca", "pml", "ob1",
            "--mca", "mpi_yield_when_idle", worldSize > Environment.ProcessorCount ? "1" : "0", "-np", Text(worldSize), program, Text(volume),
            .. sizes.Select(Text),
        ];
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardInput = true }.InWorkersEnvironment())!;
        process.StandardInput.Close();
        var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"mpirun ended with {process.ExitCode}.");
        return lines.Select(Timing.Parse).ToLookup(time => time.Bytes, time => time.Seconds);
    }

    public void Dispose() => folder.Delete(recursive: true);

    private static bool Succeeds(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
