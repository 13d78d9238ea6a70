using System.Security.Cryptography;
using JointFusion.Experiments;
using JointFusion.Retrieval;
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

    /// <summary>As when a server is killed: whatever its last words were.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 2")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nETag: \r\nLast-Modified: never\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 500 Broken\r\nContent-Type: application/xml\r\nContent-Length: 50\r\n\r\n<?xml version=\"1.0\"?><Error><Code>")]
    [InlineData("HTTP/1.1 500 Broken\r\nContent-Type: application/xml\r\nContent-Length: 7\r\n\r\n<Error>")]
    [InlineData("HTTP/1.1 403 No\r\nContent-Length: 4\r\n\r\n\0\u0001{}")]
    [InlineData("HTTP/1.1 302 There\r\nLocation: http://\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n")]
    [InlineData("no HTTP at all\r\n\r\n")]
    public void Should_NameThePlace_When_AReplyIsCutOrBroken(string reply)
    {
        using var broken = new BrokenServer(reply);
        foreach (var (name, value) in storage.Environment)
            Environment.SetEnvironmentVariable(name, value);
        Environment.SetEnvironmentVariable("AWS_ENDPOINT_URL", broken.Url);
        var up = Path.Combine(TestPaths.NewFolder("broken"), "up");
        File.WriteAllBytes(up, RandomNumberGenerator.GetBytes(4 * Mebibyte));
        using var store = new ObjectStore(StorageAddress.Parse($"s3://{S3Server.Bucket}/broken")!);
        var stop = TestContext.Current.CancellationToken;

        foreach (var call in new Action[] { () => store.PutFile("up", up, stop), () => store.GetBytes("up", stop), () => store.List("", stop), () => store.Delete("up", stop) })
        {
            var thrown = Record.Exception(call); // none where the reply, odd as it is, has all that this call needs
            Assert.True(thrown is null or CheckpointException, $"{thrown}");
        }
    }
}
