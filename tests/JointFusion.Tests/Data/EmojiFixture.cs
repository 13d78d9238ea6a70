using System.ComponentModel;
using System.Diagnostics;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Tests;
using Xunit;

[assembly: AssemblyFixture(typeof(EmojiFixture))]

namespace JointFusion.Tests;

/// <summary>The emoji set, built for real from npm's packages, once for all tests of the process that ask for it. They skip where there is no npm.</summary>
/// <remarks>The other fixture keeps the process out of the user's cache.</remarks>
public sealed class EmojiFixture : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private Lazy<MbeirDataset>? data;

    public DataSummary? Summary { get; private set; }

    public MbeirDataset Data
    {
        get
        {
            Assert.SkipUnless(HasNpm.Value, "There is no npm to bring the emoji packages: apt-get install nodejs npm");
            return LazyInitializer.EnsureInitialized(ref data, () => new(() =>
            {
                Summary = EmojiDataSet.Ensure(folder.In("emoji"), null, CancellationToken.None);
                return MbeirDataset.Open(Summary.Root);
            })).Value;
        }
    }

    public static Lazy<bool> HasNpm { get; } = new(() =>
    {
        try
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", "--version") { RedirectStandardOutput = true })!;
            npm.WaitForExit();
            return npm.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    });

    public void Dispose() => folder.Dispose();
}
