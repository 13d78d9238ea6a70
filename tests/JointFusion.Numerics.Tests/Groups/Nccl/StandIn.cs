using System.Diagnostics;
using System.Runtime.InteropServices;
using JointFusion.Training;
using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>The stand-in for NCCL and the CUDA driver, compiled once, and what tests do to its devices.</summary>
internal static unsafe class StandIn
{
    private static readonly Lazy<nint> Handle = new(Compile);
    private static readonly Lazy<NcclLibrary> Loaded = new(() => NcclLibrary.Load(Path, Path));
    private static int devices;

    /// <summary>A C compiler; null where there is none.</summary>
    private static string? Compiler { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator)
        .Select(folder => System.IO.Path.Combine(folder, "cc")).FirstOrDefault(File.Exists);

    private static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "standin", $"libstandin-{Environment.ProcessId}.so");

    /// <summary>Skips the test where no C compiler is.</summary>
    public static NcclLibrary Library
    {
        get
        {
            Assert.SkipUnless(Compiler is not null, "There is no C compiler named cc: apt-get install gcc libc6-dev");
            _ = Handle.Value;
            return Loaded.Value;
        }
    }

    /// <summary>Devices that no other test uses; consecutive.</summary>
    /// <returns>The first.</returns>
    public static int NewDevices(int count) => Interlocked.Add(ref devices, count) - count;

    /// <summary>The device's collectives no longer reach the other ranks.</summary>
    public static void Hold(int device, bool on = true) => ((delegate* unmanaged<int, int, void>)Export("standin_hold"))(device, on ? 1 : 0);

    /// <summary>The device's communicators report this failure from now on.</summary>
    public static void Fail(int device, NcclResult result) => ((delegate* unmanaged<int, NcclResult, void>)Export("standin_fail"))(device, result);

    /// <summary>Collectives that the device's streams have and that are not done.</summary>
    public static int UnderWay(int device) => ((delegate* unmanaged<int, int>)Export("standin_under_way"))(device);

    /// <summary>Contexts, streams, allocations and communicators of the device that are not freed.</summary>
    public static int Live(int device) => ((delegate* unmanaged<int, int>)Export("standin_live"))(device);

    private static nint Export(string name) => NativeLibrary.GetExport(Handle.Value, name);

    private static nint Compile()
    {
        var sources = System.IO.Path.Combine(AppContext.BaseDirectory, "Groups", "Nccl");
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        var start = new ProcessStartInfo(Compiler!) { RedirectStandardError = true };
        foreach (var argument in (string[])["-std=c11", "-D_GNU_SOURCE", "-O1", "-shared", "-fPIC", "-pthread", "-o", Path, "cuda.c", "nccl.c"])
            start.ArgumentList.Add(argument.EndsWith(".c", StringComparison.Ordinal) ? System.IO.Path.Combine(sources, argument) : argument);
        using var compiler = Process.Start(start)!;
        var said = compiler.StandardError.ReadToEnd();
        compiler.WaitForExit();
        Assert.True(compiler.ExitCode == 0, said);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Delete(Path);
        return NativeLibrary.Load(Path);
    }
}
