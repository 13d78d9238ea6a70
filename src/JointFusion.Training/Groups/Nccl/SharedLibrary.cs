using System.Runtime.InteropServices;

namespace JointFusion.Training;

/// <summary>A native library that is looked for only when it is asked for, so that everything else works without it.</summary>
internal sealed class SharedLibrary
{
    private readonly string path;
    private readonly string remedy;
    private readonly nint handle;

    private SharedLibrary(string path, string remedy, nint handle)
    {
        this.path = path;
        this.remedy = remedy;
        this.handle = handle;
    }

    /// <param name="name">As the dynamic linker looks for it.</param>
    /// <param name="variable">Environment variable that may hold another path.</param>
    /// <param name="remedy">How it gets onto a machine; an imperative without a full stop.</param>
    /// <param name="path">Goes before <paramref name="variable"/> and <paramref name="name"/>.</param>
    /// <exception cref="DeviceException">It is not there, or cannot be loaded.</exception>
    public static SharedLibrary Open(string name, string variable, string remedy, string? path = null)
    {
        if (string.IsNullOrEmpty(path)) path = Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrEmpty(path)) path = name;
        try
        {
            return new SharedLibrary(path, remedy, NativeLibrary.Load(path));
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new DeviceException(
                $"resources.transport: nccl, but {path} cannot be loaded: {e.Message.Split('\n')[0].Trim()} " +
                $"{remedy}, or set {variable} to its path; or set transport: tcp.");
        }
    }

    /// <exception cref="DeviceException">The library does not have it.</exception>
    public nint Symbol(string name) => NativeLibrary.TryGetExport(handle, name, out var address)
        ? address
        : throw new DeviceException($"resources.transport: nccl, but {path} is too old or something else: it has no {name}. {remedy}, or set transport: tcp.");
}
