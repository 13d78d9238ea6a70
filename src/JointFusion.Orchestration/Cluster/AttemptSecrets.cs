using System.Security.Cryptography;
using System.Text;

namespace JointFusion.Orchestration;

/// <summary>The secret that the ranks of one attempt prove to each other: never journalled, the same however often it is asked for.</summary>
/// <remarks>HMAC-SHA256 of run and generation under a key that lives as long as the coordinator's process; generations are never reused.</remarks>
public sealed class AttemptSecrets
{
    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);

    /// <summary>64 lower-case hex digits.</summary>
    public string Of(string run, int generation) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{generation}/{run}")));
}
