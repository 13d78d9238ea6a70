using JointFusion.Cli;
using Xunit;

namespace JointFusion.Tests;

public sealed class ServerAddressTests
{
    [Fact]
    public void Should_name_each_server_once_when_several_are_given() =>
        Assert.Equal(
            [new Uri("https://10.0.0.1:7420"), new Uri("https://10.0.0.2:7420")],
            ServerAddress.Find("https://10.0.0.1:7420, https://10.0.0.2:7420,https://10.0.0.1:7420"));

    [Theory]
    [InlineData("http://127.0.0.1:1", "http://127.0.0.1:2/api/v1/nodes", "http://127.0.0.1:2/")]
    [InlineData("https://10.0.0.1:1", "https://10.0.0.2:1/api/v1/nodes", "https://10.0.0.2:1/")]
    [InlineData("https://10.0.0.1:1", "http://127.0.0.1:2/", null)]
    [InlineData("http://127.0.0.1:1", "http://10.0.0.2:1/", null)]
    [InlineData("http://127.0.0.1:1", "/elsewhere", null)]
    public void Should_follow_a_standby_only_where_the_token_is_as_safe(string standby, string location, string? leader) =>
        Assert.Equal(leader, ServerAddress.Leader(new Uri(standby), new Uri(location, UriKind.RelativeOrAbsolute))?.ToString());
}
