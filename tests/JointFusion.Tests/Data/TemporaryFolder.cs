namespace JointFusion.Tests;

/// <summary>A folder that is gone when the test is over.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("jf-data-").FullName;

    public string In(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Path, .. parts]);

    public void Write(string relative, params string[] lines)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(In(relative))!);
        File.WriteAllLines(In(relative), lines);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
