using System.Security.Cryptography;
using System.Text;

namespace JointFusion.Orchestration;

/// <summary>The secret that the ranks of one attempt prove to each other: never journalled, the same however often it is asked for.</summary>
/// <remarks>HMAC-SHA256 of run and generation under a key; generations are never reused.</remarks>
public sealed class AttemptSecrets
{
    private const int KeyLength = 32;
    private readonly byte[] key;

    /// <summary>Under a key that lives as long as this object: ranks that form a group while it goes cannot prove themselves any more.</summary>
    public AttemptSecrets() => key = NewKey();

    private AttemptSecrets(byte[] key) => this.key = key;

    /// <summary>Under the key in a file that only this user can read, made if missing: ranks that are just forming a group survive the process.</summary>
    /// <exception cref="IOException">It cannot be read or written, or is no key; the message names it.</exception>
    public static AttemptSecrets KeptIn(string path)
    {
        var key = PrivateFile.Ensure(path, NewKey);
        return key.Length == KeyLength
            ? new AttemptSecrets(key)
            : throw new IOException($"{path}: not a key of {KeyLength} bytes. Delete it and another is made; runs that are just starting are then tried again.");
    }

    /// <summary>64 lower-case hex digits.</summary>
    public string Of(string run, int generation) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{generation}/{run}")));

    /// <summary>Another key, for what the coordinators' processes share beside attempts.</summary>
    public byte[] KeyFor(string purpose) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"for {purpose}"));

    private static byte[] NewKey() => RandomNumberGenerator.GetBytes(KeyLength);
}
