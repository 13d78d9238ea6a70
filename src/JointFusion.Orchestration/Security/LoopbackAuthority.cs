using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace JointFusion.Orchestration;

/// <summary>The user's own authority for members on this machine: made once, in a file that only this user can read.</summary>
public static class LoopbackAuthority
{
    private const string Name = "loopback-authority.pem";

    /// <summary>A certificate for this process, known to no file.</summary>
    /// <param name="folder">The user's state folder.</param>
    /// <exception cref="IOException">The file cannot be used; the message names it.</exception>
    public static MemberIdentity Issue(string folder, string name, DateTimeOffset now)
    {
        var path = Path.Combine(folder, Name);
        var pem = Encoding.ASCII.GetString(PrivateFile.Ensure(path, () => Create(now)));
        try
        {
            using var authority = PrivateAuthority.Of(pem, pem);
            return authority.Issue(name, ["localhost", IPAddress.Loopback.ToString(), IPAddress.IPv6Loopback.ToString()], now);
        }
        catch (CryptographicException damaged)
        {
            throw new IOException($"{path}: not a certificate and its key ({damaged.Message}). End all jf serve and jf agent of this user, and delete it: another is made.", damaged);
        }
    }

    private static byte[] Create(DateTimeOffset now)
    {
        using var authority = PrivateAuthority.Create(now);
        return Encoding.ASCII.GetBytes($"{authority.CertificatePem}\n{authority.KeyPem}\n");
    }
}
