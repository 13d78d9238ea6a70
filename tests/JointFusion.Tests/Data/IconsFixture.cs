using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Tests;
using Xunit;

[assembly: AssemblyFixture(typeof(IconsFixture))]

namespace JointFusion.Tests;

/// <summary>The icons set, built for real, once for all tests of the process that ask for it. Also keeps the process out of the user's cache.</summary>
public sealed class IconsFixture : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Lazy<MbeirDataset> data;

    public IconsFixture()
    {
        Environment.SetEnvironmentVariable("JF_CACHE", folder.In("cache"));
        data = new(() =>
        {
            Summary = IconsDataSet.Ensure(folder.In("icons"), null, CancellationToken.None);
            return MbeirDataset.Open(Summary.Root);
        });
    }

    public DataSummary? Summary { get; private set; }

    public MbeirDataset Data => data.Value;

    public void Dispose() => folder.Dispose();
}
