namespace JointFusion.Data;

/// <summary>Settings of libvips, which are the process's. Called before each use; loading the library is left until then.</summary>
internal static class Vips
{
    private static readonly Lazy<bool> Configured = new(() =>
    {
        // One thread a call: pictures are small, callers bring their own threads, and cores belong to the trainer.
        NetVips.NetVips.Concurrency = 1;
        // Nothing is computed twice here, so that libvips' cache of results would only hold memory.
        NetVips.Cache.Max = 0;
        // What is wrong with a file reaches the caller as an exception; the console belongs to the program.
        NetVips.Log.SetLogHandler("VIPS", NetVips.Enums.LogLevelFlags.Warning, (_, _, _) => { });
        return true;
    });

    public static void Prepare() => _ = Configured.Value;
}
