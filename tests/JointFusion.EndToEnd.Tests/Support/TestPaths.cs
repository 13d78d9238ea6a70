namespace JointFusion.EndToEnd.Tests;

/// <summary>Folders of this test process; nothing is written anywhere else.</summary>
public static class TestPaths
{
    private static readonly string Root = Directory.CreateTempSubdirectory("jf-e2e-").FullName;

    /// <summary>Shared by all tests of the process: data are built once.</summary>
    public static string Cache { get; } = Directory.CreateDirectory(Path.Combine(Root, "cache")).FullName;

    /// <summary>Where every jf of the process keeps its token; made by the first that needs it.</summary>
    public static string State { get; } = Path.Combine(Root, "state");

    public static string NewFolder(string name) =>
        Directory.CreateDirectory(Path.Combine(Root, $"{name}-{Guid.NewGuid():N}"[..20])).FullName;

    /// <summary>When no test needs them any more.</summary>
    internal static void Delete() => Directory.Delete(Root, recursive: true);
}
