using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Security.Cryptography;
using System.Text;

namespace JointFusion.Cli;

/// <summary>Which build of this program computes: equal identities hold the same code of everything that decides a digit.</summary>
/// <param name="Version">Of jf, without the commit.</param>
/// <param name="Commit">Null: the build does not say.</param>
/// <param name="Hash">32 hexadecimal digits.</param>
internal sealed record WorkerBinary(string Version, string? Commit, string Hash)
{
    /// <summary>Not those of orchestration, pages and verbs: a node may run another version of these.</summary>
    private static readonly string[] Computing = ["JointFusion.Experiments.dll", "JointFusion.Data.dll", "JointFusion.Retrieval.dll", "JointFusion.Training.dll", "TorchSharp.dll"];

    private static readonly string[] Native = ["libtorch_cpu.so", "libLibTorchSharp.so"];
    private const int HashLength = 32;

    public static WorkerBinary Own { get; } = Of(AppContext.BaseDirectory, JfVersion.Text);

    /// <param name="version">Such as 0.1.0+COMMIT.</param>
    internal static WorkerBinary Of(string folder, string version)
    {
        var parts = version.Split('+', 2);
        var identity = string.Join('\n', Computing.Select(name => $"{name} {ModuleOf(Path.Combine(folder, name))}").Concat(Natives(folder)));
        return new WorkerBinary(parts[0], parts.Length > 1 ? parts[1] : null, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..HashLength]);
    }

    /// <summary>The compiler derives it from all that it compiles. Read from the file: nothing is loaded for it.</summary>
    private static Guid ModuleOf(string path)
    {
        if (!File.Exists(path))
            return Guid.Empty;
        using var reader = new PEReader(File.OpenRead(path));
        var metadata = reader.GetMetadataReader();
        return metadata.GetGuid(metadata.GetModuleDefinition().Mvid);
    }

    /// <summary>By their sizes, which differ from version to version: hundreds of megabytes are not read at each start.</summary>
    private static IEnumerable<string> Natives(string folder) =>
        from file in Directory.EnumerateFiles(folder, "*.so", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3 })
        where Native.Contains(Path.GetFileName(file))
        orderby Path.GetFileName(file)
        select $"{Path.GetFileName(file)} {new FileInfo(file).Length}";
}
