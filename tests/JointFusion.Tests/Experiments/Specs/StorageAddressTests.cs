using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class StorageAddressTests
{
    [Theory]
    [InlineData("s3://bucket", "bucket", "")]
    [InlineData("s3://bucket/", "bucket", "")]
    [InlineData("s3://my.bucket-2/some/prefix", "my.bucket-2", "some/prefix")]
    [InlineData("s3://bucket/some/prefix/", "bucket", "some/prefix")]
    public void Should_tell_bucket_and_prefix_when_it_is_an_address(string text, string bucket, string prefix)
    {
        var address = StorageAddress.Parse(text)!;

        Assert.Equal((bucket, prefix), (address.Bucket, address.Prefix));
        Assert.Equal(text.TrimEnd('/'), address.ToString());
        Assert.Equal($"{prefix}/runs/a".TrimStart('/'), address.Key("runs/a"));
        Assert.Equal($"{address}/quickstart", address.Below("quickstart").ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("bucket/prefix")]
    [InlineData("s3:/bucket")]
    [InlineData("s3://")]
    [InlineData("s3://ab")]
    [InlineData("s3://Bucket")]
    [InlineData("s3://-bucket")]
    [InlineData("s3://bucket//prefix")]
    [InlineData("s3://bucket/a//b")]
    [InlineData("s3://bucket/a/../b")]
    [InlineData("s3://bucket/with space")]
    [InlineData("s3://bucket/a\\b")]
    [InlineData("s3://bucket/line\n")]
    [InlineData("https://bucket/prefix")]
    public void Should_be_none_when_the_text_is_not_one(string text) => Assert.Null(StorageAddress.Parse(text));
}
