using System.Security.Cryptography;
using System.Text;

namespace JointFusion.Orchestration;

/// <summary>Where an authority and the certificates of its nodes are kept as PEM files; keys are for their owner alone.</summary>
/// <remarks>
/// <code>
/// authority.pem, authority.key    the key stays on the machine that makes nodes
/// NAME.pem, NAME.key              go to the machine NAME, with authority.pem
/// </code>
/// </remarks>
/// <param name="Path">Absolute.</param>
public sealed record CertificateFolder(string Path)
{
    private const string AuthorityName = "authority";

    public string AuthorityCertificate => Certificate(AuthorityName);
    public string AuthorityKey => Key(AuthorityName);

    public string Certificate(string name) => System.IO.Path.Combine(Path, $"{name}.pem");

    public string Key(string name) => System.IO.Path.Combine(Path, $"{name}.key");

    /// <exception cref="IOException">There is one already.</exception>
    public void CreateAuthority(DateTimeOffset now)
    {
        using var authority = PrivateAuthority.Create(now);
        PrivateFile.Write(AuthorityKey, Encoding.ASCII.GetBytes(authority.KeyPem));
        File.WriteAllText(AuthorityCertificate, authority.CertificatePem);
    }

    /// <exception cref="IOException">The name is taken, or the authority is not here.</exception>
    /// <exception cref="CryptographicException">Its files are damaged.</exception>
    public void CreateNode(string name, IEnumerable<string> hosts, DateTimeOffset now)
    {
        if (name == AuthorityName)
            throw new IOException($"'{AuthorityName}' is the authority's own name: give the node another.");
        using var authority = PrivateAuthority.Of(File.ReadAllText(AuthorityCertificate), Encoding.ASCII.GetString(PrivateFile.Read(AuthorityKey)));
        using var node = authority.Issue(name, hosts, now);
        PrivateFile.Write(Key(name), Encoding.ASCII.GetBytes(node.KeyPem));
        File.WriteAllText(Certificate(name), node.CertificatePem);
    }

    /// <summary>The node's certificate that lies here; with several, the one of that name.</summary>
    /// <exception cref="IOException">There is none, or it cannot be read; the message says what to do.</exception>
    /// <exception cref="CryptographicException">A file is damaged.</exception>
    public MemberIdentity Identity(string name)
    {
        var chosen = File.Exists(Key(name)) ? name : OnlyNode(name);
        return MemberIdentity.Of(
            File.ReadAllText(Certificate(chosen)), Encoding.ASCII.GetString(PrivateFile.Read(Key(chosen))), File.ReadAllText(AuthorityCertificate));
    }

    private string OnlyNode(string wanted)
    {
        string[] nodes = Directory.Exists(Path)
            ? [.. Directory.GetFiles(Path, "*.key").Select(file => System.IO.Path.GetFileNameWithoutExtension(file)!).Where(name => name != AuthorityName)]
            : [];
        return nodes switch
        {
            [var only] => only,
            [] => throw new IOException($"{Path}: no node's certificate in it. Make one where the authority is, `jf certs node {wanted}`, and bring {wanted}.pem, {wanted}.key and {AuthorityName}.pem here."),
            _ => throw new IOException($"{Path}: several nodes' certificates, and none is called {wanted}: {string.Join(", ", nodes.Order(StringComparer.Ordinal))}. Keep this machine's alone."),
        };
    }
}
