namespace JointFusion.Training;

/// <summary>What an evaluation leaves in a run's folder.</summary>
internal static class ResultFile
{
    /// <summary>Beside, synced, renamed: a crash leaves the old file or the new one.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        var beside = path + ".tmp";
        using (var stream = File.Create(beside))
        {
            write(stream);
            stream.Flush(flushToDisk: true);
        }
        File.Move(beside, path, overwrite: true);
    }
}
