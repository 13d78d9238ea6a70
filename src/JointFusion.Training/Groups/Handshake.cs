using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>Both sides of a new connection prove the run's secret, and that they mean the same run, generation and places in the ring.</summary>
/// <remarks>
///   accepting rank to connecting   challenge: magic, nonce A
///   connecting rank to accepting   proof: magic, who, nonce C, HMAC(secret, "connect" | who | A | C)
///   accepting rank to connecting   answer: HMAC(secret, "accept" | who | A | C)
/// "who" is the run, generation, world size, and both ranks. The secret never travels; nonces make a replay worthless, and the two
/// words a reflection. Whoever fails is hung up on without a reason.
/// </remarks>
internal sealed class Handshake(RankAssignment assignment)
{
    public const int ChallengeBytes = 8 + NonceBytes;
    public const int ProofBytes = 8 + WhoBytes + NonceBytes + MacBytes;
    public const int AnswerBytes = MacBytes;

    private const int NonceBytes = 32;
    private const int MacBytes = 32;
    private const int WhoBytes = 32 + 4 * sizeof(int);
    private readonly byte[] key = Encoding.UTF8.GetBytes(assignment.Secret);

    private static ReadOnlySpan<byte> Magic => "JFRING01"u8;

    public static byte[] Challenge()
    {
        var challenge = new byte[ChallengeBytes];
        Magic.CopyTo(challenge);
        RandomNumberGenerator.Fill(challenge.AsSpan(Magic.Length));
        return challenge;
    }

    public static bool IsChallenge(ReadOnlySpan<byte> message) => message.StartsWith(Magic);

    /// <summary>What the connecting side, this rank, says to a challenge from <paramref name="acceptor"/>.</summary>
    public byte[] Prove(ReadOnlySpan<byte> challenge, int acceptor)
    {
        var proof = new byte[ProofBytes];
        Magic.CopyTo(proof);
        Who(assignment.Rank, acceptor).CopyTo(proof, Magic.Length);
        var nonce = proof.AsSpan(Magic.Length + WhoBytes, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        Mac("connect"u8, assignment.Rank, acceptor, challenge[Magic.Length..], nonce).CopyTo(proof.AsSpan(ProofBytes - MacBytes));
        return proof;
    }

    /// <summary>The accepting side's, this rank's, answer to a proof; null if it does not come from rank <paramref name="connector"/>.</summary>
    public byte[]? Answer(ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> proof, int connector)
    {
        if (!proof.StartsWith(Magic)) return null;
        if (!proof.Slice(Magic.Length, WhoBytes).SequenceEqual(Who(connector, assignment.Rank))) return null;
        var theirs = challenge[Magic.Length..];
        var nonce = proof.Slice(Magic.Length + WhoBytes, NonceBytes);
        var expected = Mac("connect"u8, connector, assignment.Rank, theirs, nonce);
        if (!CryptographicOperations.FixedTimeEquals(expected, proof[^MacBytes..])) return null;
        return Mac("accept"u8, connector, assignment.Rank, theirs, nonce);
    }

    /// <summary>Whether an answer to this rank's own proof shows that the accepting side has the secret too.</summary>
    public bool Trusts(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> proof, int acceptor)
    {
        var nonce = proof.Slice(Magic.Length + WhoBytes, NonceBytes);
        return CryptographicOperations.FixedTimeEquals(
            answer, Mac("accept"u8, assignment.Rank, acceptor, challenge[Magic.Length..], nonce));
    }

    private byte[] Who(int connector, int acceptor)
    {
        var who = new byte[WhoBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(assignment.Run), who);
        BinaryPrimitives.WriteInt32LittleEndian(who.AsSpan(32), assignment.Generation);
        BinaryPrimitives.WriteInt32LittleEndian(who.AsSpan(36), assignment.WorldSize);
        BinaryPrimitives.WriteInt32LittleEndian(who.AsSpan(40), connector);
        BinaryPrimitives.WriteInt32LittleEndian(who.AsSpan(44), acceptor);
        return who;
    }

    private byte[] Mac(ReadOnlySpan<byte> role, int connector, int acceptor, ReadOnlySpan<byte> acceptorNonce, ReadOnlySpan<byte> connectorNonce)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        mac.AppendData(role);
        mac.AppendData(Who(connector, acceptor));
        mac.AppendData(acceptorNonce);
        mac.AppendData(connectorNonce);
        return mac.GetHashAndReset();
    }
}
