using Xunit;

[assembly: AssemblyFixture(typeof(JointFusion.EndToEnd.Tests.TestFolders))]

namespace JointFusion.EndToEnd.Tests;

/// <summary>Takes the folders of this test process away once its last test is over.</summary>
/// <remarks>
/// Not at the process's exit: of one that lasts for more than a second xunit's runner says that it waits for foreground threads, and after ten more it
/// ends the process as failed. Thousands of pictures and checkpoints take longer to delete on a busy machine.
/// </remarks>
public sealed class TestFolders : IDisposable
{
    public void Dispose() => TestPaths.Delete();
}
