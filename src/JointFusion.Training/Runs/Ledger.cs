using System.Security.Cryptography;
using System.Text;

namespace JointFusion.Training;

/// <summary>A chained hash of every global batch so far: two runs with one ledger have seen the same samples in the same order.</summary>
public static class Ledger
{
    public const string Empty = "";

    /// <returns>16 hex digits.</returns>
    public static string Append(string ledger, string entry) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{ledger}/{entry}")))[..16];
}
