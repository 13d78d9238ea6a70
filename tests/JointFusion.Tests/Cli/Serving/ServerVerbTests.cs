using JointFusion.Cli;
using Xunit;

namespace JointFusion.Tests;

/// <summary>What the verbs for a server refuse before they begin, and how they end when it is not there.</summary>
public sealed class ServerVerbTests
{
    static ServerVerbTests() => Environment.SetEnvironmentVariable("JF_STATE", Directory.CreateTempSubdirectory("jf-state-").FullName);

    [Theory]
    [InlineData("https needs certificates", "serve", "--listen", "https://127.0.0.1:0")]
    [InlineData("Or serve it with TLS", "serve", "--listen", "http://0.0.0.0:0")]
    [InlineData("not an address", "serve", "--listen", "nowhere")]
    [InlineData("there is no such folder", "serve", "--listen", "http://127.0.0.1:0", "--data-root", "/nowhere")]
    [InlineData("by https alone", "agent", "--join", "http://10.0.0.1:7420")]
    [InlineData("jf certs node", "agent", "--join", "https://10.0.0.1:7420", "--name", "gpu1")]
    [InlineData("at least one", "agent", "--join", "http://127.0.0.1:1", "--workers", "0")]
    [InlineData("need at least one each", "agent", "--join", "http://127.0.0.1:1", "--workers", "3", "--cores", "2")]
    [InlineData("Give this machine's address", "agent", "--join", "http://127.0.0.1:1", "--address", "192.0.2.1")]
    [InlineData("not beginning with a dot", "agent", "--join", "http://127.0.0.1:1", "--name", "../up")]
    [InlineData("by https alone", "status", "--server", "http://10.0.0.1:7420")]
    [InlineData("not a server's address", "status", "--server", "http://127.0.0.1:1,nowhere")]
    [InlineData("by https alone", "agent", "--join", "http://127.0.0.1:1,http://10.0.0.1:7420")]
    [InlineData("Set JF_JOURNAL", "serve", "--listen", "http://127.0.0.1:0", "--journal", "Host=localhost;Database=jf;Password=geheim")]
    [InlineData("--journal: not a connection string", "serve", "--listen", "http://127.0.0.1:0", "--journal", "journal.db")]
    [InlineData("not an experiment's folder", "play", "/nowhere")]
    [InlineData("there is no such folder", "doctor", "--rebuild", "/nowhere")]
    [InlineData("there is no journal.db in it", "doctor", "--backup", "copy", "--root", "/nowhere")]
    [InlineData("Give one of --deployment", "doctor", "--parity", "x.yaml", "--rebuild", "y")]
    [InlineData("not a name and a value", "agent", "--join", "http://127.0.0.1:1", "--label", "gpu")]
    [InlineData("given twice", "agent", "--join", "http://127.0.0.1:1", "--label", "gpu=a", "--label", "gpu=b")]
    [InlineData("not a server's address", "node", "ls", "--server", "127.0.0.1")]
    [InlineData("authority.pem", "status", "--server", "http://127.0.0.1:1", "--certs", "/nowhere")]
    [InlineData("Name one of its runs", "logs", "first", "--server", "http://127.0.0.1:1")]
    [InlineData("Name one of its runs", "fork", "first", "--server", "http://127.0.0.1:1")]
    [InlineData("cannot be read", "fork", "first/early", "/nowhere.yaml", "--server", "http://127.0.0.1:1")]
    [InlineData("'high'", "priority", "high", "first", "--server", "http://127.0.0.1:1")]
    [InlineData("cannot be read", "submit", "/nowhere.yaml", "--server", "http://127.0.0.1:1")]
    [InlineData("jf certs init", "certs", "node", "gpu1", "--certs", "/nowhere")]
    [InlineData("not beginning with a dot", "certs", "node", "../up")]
    [InlineData("there is no such folder", "token", "create", "ann", "--role", "viewer", "--root", "/nowhere")]
    [InlineData("is no name for a token", "token", "create", "../up", "--role", "viewer", "--root", "/tmp")]
    [InlineData("not a span of time", "token", "create", "ann", "--role", "viewer", "--expires", "soon")]
    [InlineData("no token \"nobody\"", "token", "revoke", "nobody", "--root", "/tmp")]
    [InlineData("JF_WEBHOOK_SECRET", "serve", "--listen", "http://127.0.0.1:0", "--webhook", "http://127.0.0.1:1/")]
    [InlineData("not an address such as https", "serve", "--listen", "http://127.0.0.1:0", "--webhook", "hook")]
    [InlineData("1d at least", "serve", "--listen", "http://127.0.0.1:0", "--gc-older-than", "5m")]
    [InlineData("--role", "token", "create", "ann", "--role", "king")]
    public async Task Should_end_with_2_and_the_way_out_when_the_input_is_wrong(string words, params string[] arguments)
    {
        using var cli = new CliRun();

        var code = await cli.Jf(arguments);

        Assert.Equal((2, true), (code, cli.Error.Contains(words, StringComparison.Ordinal)));
        Assert.DoesNotContain("geheim", cli.Error + cli.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("node", "ls")]
    [InlineData("pause", "first")]
    [InlineData("cancel", "first")]
    [InlineData("pause", "first", "second/early")]
    [InlineData("priority", "-1", "first")]
    [InlineData("priority", "5", "first/early", "second")]
    [InlineData("fork", "first/early", "--checkpoint", "5")]
    [InlineData("node", "drain", "gpu1")]
    [InlineData("node", "undrain", "gpu1")]
    [InlineData("node", "release", "gpu1", "0")]
    [InlineData("resume", "first/early")]
    [InlineData("logs", "first/early")]
    public async Task Should_end_with_3_when_the_server_is_away(params string[] arguments)
    {
        using var cli = new CliRun();

        var code = await cli.Jf([.. arguments, "--server", "http://127.0.0.1:1"]);

        Assert.Equal(ExitCode.Away, code);
        Assert.Contains("the server does not answer", cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Should_make_certificates_that_say_where_they_go_when_asked()
    {
        using var cli = new CliRun();
        var folder = Path.Combine(Path.GetDirectoryName(cli.Spec)!, "certs");

        Assert.Equal(0, await cli.Jf("certs", "init", "--certs", folder));
        Assert.Equal(0, await cli.Jf("certs", "node", "gpu1", "--host", "10.0.0.11", "--certs", folder));
        Assert.Equal(["authority.key", "authority.pem", "gpu1.key", "gpu1.pem"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
        Assert.Contains("Bring to gpu1: ", cli.Out, StringComparison.Ordinal);
        Assert.Equal(2, await cli.Jf("certs", "init", "--certs", folder));
    }
}
