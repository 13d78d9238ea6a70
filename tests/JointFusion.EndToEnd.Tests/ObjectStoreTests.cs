using System.Security.Cryptography;
using JointFusion.Experiments;
using JointFusion.Training;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>Files beyond what one request takes: tensors of a real retriever, which the small experiments have none of.</summary>
public sealed class ObjectStoreTests(S3Server storage) : IClassFixture<S3Server>
{
    private const int Mebibyte = 1 << 20;

    [Theory, InlineData(32 * Mebibyte), InlineData((64 * Mebibyte) + 5)]
    public void Should_BringBackTheSameBytes_When_AFileGoesUpWholeOrInParts(int bytes)
    {
        storage.Require();
        foreach (var (name, value) in storage.Environment)
            Environment.SetEnvironmentVariable(name, value); // for this process's own client; each jf is told by itself
        var folder = TestPaths.NewFolder("parts");
        var (up, down) = (Path.Combine(folder, "up"), Path.Combine(folder, "down"));
        File.WriteAllBytes(up, RandomNumberGenerator.GetBytes(bytes));
        using var store = new ObjectStore(StorageAddress.Parse($"s3://{S3Server.Bucket}/parts")!);
        var received = 0L;

        store.PutFile("tensors", up, TestContext.Current.CancellationToken);

        Assert.Equal([("tensors", (long)bytes)], store.List("", TestContext.Current.CancellationToken).Select(found => (found.Name, found.Bytes)));
        Assert.True(store.GetFile("tensors", down, more => received += more, TestContext.Current.CancellationToken));
        Assert.Equal(bytes, received);
        Assert.True(File.ReadAllBytes(up).AsSpan().SequenceEqual(File.ReadAllBytes(down)));
        store.Delete("tensors", TestContext.Current.CancellationToken);
        Assert.Null(store.GetBytes("tensors", TestContext.Current.CancellationToken));
    }
}
