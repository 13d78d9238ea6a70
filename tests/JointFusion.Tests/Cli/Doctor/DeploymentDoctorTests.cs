using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using JointFusion.Cli;
using JointFusion.Dashboard;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Each thing that a deployment rests on, whole and broken. That libtorch loads is for a process of its own to see.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DeploymentDoctorTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private readonly TemporaryFolder folder = new();

    private ServerRoot Server => new(folder.In("root"));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Should_write_into_the_root_and_leave_nothing_there()
    {
        Directory.CreateDirectory(Server.Path);

        Assert.All(FolderFindings.Root(Server.Path, beyondThisMachine: false), finding => Assert.Equal(Health.Ok, finding.Health));
        Assert.Empty(Directory.GetFileSystemEntries(Server.Path));
        Assert.Contains(FolderFindings.Root("/proc/sys/nowhere", beyondThisMachine: false), finding => finding is { Health: Health.Fail, About: "root", WayOut: not null });
        Assert.Contains(FolderFindings.Root(Server.Path, beyondThisMachine: true), finding => finding is { Health: Health.Warn, About: "root shared" }); // Temporary folders are this machine's.
        Assert.Equal(Health.Warn, Assert.Single(FolderFindings.Data(folder.In("nowhere"))).Health);
        Assert.Contains(FolderFindings.Room([Server.Path]), finding => finding.Says.Contains("free", StringComparison.Ordinal));
    }

    [Fact]
    public void Should_name_the_file_when_others_can_read_a_secret_or_a_token_has_expired()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        var state = folder.In("state");
        TokenFile.Open(state);
        new TokenBook(Path.Combine(Directory.CreateDirectory(Server.Path).FullName, "tokens.json")).Create("ann", ApiRole.Viewer, Now.AddDays(-1), Now.AddDays(-2));
        var findings = SecretFindings.Of(Server, state).ToList();
        Assert.Equal([("secrets", Health.Ok), ("tokens", Health.Warn)], findings.Select(finding => (finding.About, finding.Health)));
        Assert.Contains("ann", findings[^1].Says, StringComparison.Ordinal);

        File.SetUnixFileMode(TokenFile.PathIn(state), UnixFileMode.UserRead | UnixFileMode.GroupRead);
        File.SetUnixFileMode(Server.Tokens, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.All(SecretFindings.Of(Server, state), finding => Assert.Equal((Health.Fail, true), (finding.Health, finding.WayOut!.Contains("chmod 600", StringComparison.Ordinal))));
    }

    [Fact]
    public void Should_tell_of_certificates_that_end_are_anothers_or_have_a_strange_name()
    {
        var certs = new CertificateFolder(folder.In("certs"));
        Assert.Equal(Health.Fail, Assert.Single(CertificateFindings.Of(certs.Path, Now)).Health);
        certs.CreateAuthority(Now);
        certs.CreateNode("gpu1", ["127.0.0.1"], Now);

        Assert.Equal(
            [("authority", Health.Ok), ("certificate", Health.Ok), ("certificate", Health.Ok), ("certificate names", Health.Ok), ("authority key", Health.Warn)],
            CertificateFindings.Of(certs.Path, Now).Select(finding => (finding.About, finding.Health)));
        Assert.Equal(Health.Warn, CertificateFindings.Of(certs.Path, Now.AddDays(800)).ElementAt(1).Health);
        Assert.Equal(Health.Fail, CertificateFindings.Of(certs.Path, Now.AddDays(826)).ElementAt(1).Health);
        File.Delete(certs.AuthorityKey);
        File.Delete(certs.AuthorityCertificate);
        certs.CreateAuthority(Now); // Another one.
        Assert.Contains(CertificateFindings.Of(certs.Path, Now), finding => finding is { Health: Health.Fail, About: "certificate" });
        foreach (var file in Directory.GetFiles(certs.Path, "gpu1.*"))
            File.Delete(file);
        certs.CreateNode("gpu2", ["203.0.113.7"], Now);
        Assert.Contains(CertificateFindings.Of(certs.Path, Now), finding => finding is { Health: Health.Warn, About: "certificate names" });
    }

    [Fact]
    public void Should_tell_a_port_that_is_taken_from_one_that_the_server_has()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var listen = new Uri($"http://{taken.LocalEndpoint}");

        Assert.Equal((Health.Fail, Health.Ok), (ServerFindings.Port(listen, isRunning: false).Health, ServerFindings.Port(listen, isRunning: true).Health));
        taken.Stop();
        Assert.Equal((Health.Ok, Health.Warn), (ServerFindings.Port(listen, isRunning: false).Health, ServerFindings.Port(listen, isRunning: true).Health));
        Directory.CreateDirectory(Server.Path);
        Assert.False(ServerFindings.IsHeld(Server.Lock));
        using (new ServedExperiments(Server.Path))
            Assert.True(ServerFindings.IsHeld(Server.Lock));
        Assert.False(ServerFindings.IsHeld(Server.Lock));
    }

    [Fact]
    public async Task Should_read_the_journal_and_say_when_it_is_torn()
    {
        Assert.Equal(Health.Ok, ServerFindings.Journal(folder.In("nowhere.db")).Health);
        await using (var cluster = new HostedCluster())
        {
            await cluster.StartCoordinatorAsync();
            await cluster.Client.Submit(ClusterFixture.Order("early", 1));
            Assert.Equal(Health.Ok, ServerFindings.Journal(cluster.Journal).Health); // While it is being written.
        }
        await File.WriteAllBytesAsync(folder.In("torn.db"), new Mutations(1).Noise(4096), TestContext.Current.CancellationToken);
        Assert.Equal(Health.Fail, ServerFindings.Journal(folder.In("torn.db")).Health);
    }
}
