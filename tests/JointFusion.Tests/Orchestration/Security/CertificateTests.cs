using System.Text;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

public sealed class CertificateTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("jf-certs-");
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Should_accept_its_own_and_no_other_authoritys_when_a_certificate_is_shown()
    {
        using var authority = PrivateAuthority.Create(Now);
        using var one = authority.Issue("one", ["127.0.0.1"], Now);
        using var two = authority.Issue("two", ["two.example"], Now);
        using var foreignAuthority = PrivateAuthority.Create(Now);
        using var foreign = foreignAuthority.Issue("one", ["127.0.0.1"], Now);
        using var itself = new ThrowawayCertificate();

        Assert.True(one.Accepts(two.Certificate));
        Assert.False(one.Accepts(foreign.Certificate));
        Assert.False(one.Accepts(itself.Certificate));
        Assert.False(one.Accepts(null));
    }

    [Fact]
    public void Should_refuse_when_a_certificates_time_is_over()
    {
        using var authority = PrivateAuthority.Create(Now.AddYears(-5));
        using var current = authority.Issue("current", ["a"], Now);
        using var expired = authority.Issue("expired", ["a"], Now.AddYears(-4));

        Assert.True(current.Accepts(current.Certificate));
        Assert.False(current.Accepts(expired.Certificate));
    }

    [Fact]
    public void Should_share_an_authority_and_no_certificate_when_two_processes_of_a_user_begin()
    {
        using var server = LoopbackAuthority.Issue(folder.FullName, "coordinator", Now);
        using var agent = LoopbackAuthority.Issue(folder.FullName, "a", Now);

        Assert.True(server.Accepts(agent.Certificate));
        Assert.NotEqual(server.Certificate.Thumbprint, agent.Certificate.Thumbprint);
        var file = Assert.Single(Directory.GetFiles(folder.FullName));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void Should_agree_on_one_authority_when_processes_make_it_at_once()
    {
        var path = Path.Combine(folder.FullName, "key");
        var made = new int[8];
        Parallel.For(0, made.Length, i => made[i] = PrivateFile.Ensure(path, () => [(byte)(i + 1)])[0]);

        Assert.Single(made.Distinct());
        Assert.Equal(["key"], Directory.GetFiles(folder.FullName).Select(Path.GetFileName));
    }

    [Fact]
    public void Should_refuse_the_key_when_others_can_read_it()
    {
        if (OperatingSystem.IsWindows())
            return; // It has no such modes.
        var path = Path.Combine(folder.FullName, "key");
        PrivateFile.Write(path, [1]);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead);

        var fault = Assert.Throws<IOException>(() => PrivateFile.Read(path));

        Assert.Contains(path, fault.Message, StringComparison.Ordinal);
        Assert.Contains("chmod 600", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_make_members_of_each_other_when_a_folder_has_an_authority_and_two_nodes()
    {
        var certs = new CertificateFolder(folder.FullName);
        certs.CreateAuthority(Now);
        certs.CreateNode("one", ["10.0.0.1"], Now);
        certs.CreateNode("two", ["10.0.0.2"], Now);

        using var one = certs.Identity("one");
        using var two = certs.Identity("two");

        Assert.True(one.Accepts(two.Certificate));
        Assert.Equal("CN=one", one.Certificate.Subject);
        Assert.Contains("one, two", Assert.Throws<IOException>(() => certs.Identity("three")).Message, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => certs.CreateAuthority(Now));
        Assert.Throws<IOException>(() => certs.CreateNode("one", ["10.0.0.1"], Now));
    }

    [Fact]
    public void Should_take_the_only_node_when_the_machine_has_another_name()
    {
        var certs = new CertificateFolder(folder.FullName);
        certs.CreateAuthority(Now);
        Assert.Contains("jf certs node gpu1", Assert.Throws<IOException>(() => certs.Identity("gpu1")).Message, StringComparison.Ordinal);
        certs.CreateNode("one", ["10.0.0.1"], Now);

        using var identity = certs.Identity("gpu1");

        Assert.Equal("CN=one", identity.Certificate.Subject);
    }

    [Fact]
    public void Should_give_the_same_secrets_when_the_key_is_kept()
    {
        var path = Path.Combine(folder.FullName, "attempts.key");
        var first = AttemptSecrets.KeptIn(path).Of("early", 3);

        Assert.Equal(first, AttemptSecrets.KeptIn(path).Of("early", 3));
        Assert.NotEqual(first, AttemptSecrets.KeptIn(path + "2").Of("early", 3));
        File.WriteAllBytes(path, Encoding.ASCII.GetBytes("short"));
        Assert.Contains(path, Assert.Throws<IOException>(() => AttemptSecrets.KeptIn(path)).Message, StringComparison.Ordinal);
    }
}
