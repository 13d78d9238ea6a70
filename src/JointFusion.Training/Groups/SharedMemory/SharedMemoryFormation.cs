using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>Brings the ranks of an assignment into one memory, at most once.</summary>
/// <remarks>
/// Only processes of the same user can open the memory. Each also leaves a proof that it has the run's secret and means the same run,
/// generation, world size and rank, over a nonce of this memory; the others check it before they read anything else of that rank.
/// Rank 0's proof is checked before anything is written: its endpoint may by now lead to another's memory, or to no memory at all.
/// </remarks>
/// <param name="self">The process that peers watch: this one.</param>
internal sealed class SharedMemoryFormation(SharedMemoryDoor door, RankAssignment assignment, Deadline deadline, PeerProcess self)
{
    private const int NonceBytes = 32;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(2);

    private static ReadOnlySpan<byte> Magic => "JFSHM001"u8;

    /// <exception cref="PeerLostException">A rank did not join before the deadline, or serves something else.</exception>
    /// <exception cref="OperationCanceledException">It was asked to give up.</exception>
    public (SharedMemoryRegion Region, SharedMemoryWait Wait) Join(CancellationToken abort)
    {
        if (assignment.Secret.Length == 0) throw new ArgumentException("The assignment holds no secret.", nameof(assignment));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(assignment.WorldSize, SharedMemoryLayout.MostRanks, nameof(assignment));
        var region = assignment.Rank == 0 ? Make() : Open(abort);
        try
        {
            while (!region.Span(SharedMemoryLayout.MagicAt, Magic.Length).SequenceEqual(Magic)) Wait(0, abort);
            Thread.MemoryBarrier();
            if (assignment.Rank > 0) Meet(region, 0, abort);
            Present(region);
            var wait = new SharedMemoryWait(region, assignment.Rank);
            for (var peer = 0; peer < assignment.WorldSize; peer++)
                if (peer != assignment.Rank) wait.Know(peer, Meet(region, peer, abort));
            return (region, wait);
        }
        catch
        {
            region.Dispose();
            throw;
        }
    }

    private SharedMemoryRegion Make()
    {
        var region = new SharedMemoryRegion(door.File, assignment.WorldSize);
        BinaryPrimitives.WriteInt32LittleEndian(region.Span(SharedMemoryLayout.WorldSizeAt, sizeof(int)), assignment.WorldSize);
        RandomNumberGenerator.Fill(region.Span(SharedMemoryLayout.NonceAt, NonceBytes));
        Thread.MemoryBarrier();
        Magic.CopyTo(region.Span(SharedMemoryLayout.MagicAt, Magic.Length));
        return region;
    }

    private SharedMemoryRegion Open(CancellationToken abort)
    {
        var path = assignment.Endpoints[0];
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (!file.CanSeek || file.Length != new SharedMemoryLayout(assignment.WorldSize).Bytes) throw Foreign(0);
            return new SharedMemoryRegion(file, assignment.WorldSize);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PeerLostException(0, $"rank 0 is gone, or of another user or machine: its memory {path} cannot be opened: {e.Message}", e);
        }
    }

    private void Present(SharedMemoryRegion region)
    {
        var at = region.Layout.RankAt(assignment.Rank);
        BinaryPrimitives.WriteInt32LittleEndian(region.Span(at + SharedMemoryLayout.ProcessAt, sizeof(int)), self.Id);
        BinaryPrimitives.WriteInt64LittleEndian(region.Span(at + SharedMemoryLayout.StartTimeAt, sizeof(long)), self.StartTime);
        Prove(region, assignment.Rank, region.Span(at + SharedMemoryLayout.ProofAt, HMACSHA256.HashSizeInBytes));
        Joined(region, assignment.Rank) = 1;
    }

    private PeerProcess Meet(SharedMemoryRegion region, int peer, CancellationToken abort)
    {
        while (Volatile.Read(ref Joined(region, peer)) == 0) Wait(peer, abort);
        var at = region.Layout.RankAt(peer);
        Span<byte> proof = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Prove(region, peer, proof);
        if (!CryptographicOperations.FixedTimeEquals(proof, region.Span(at + SharedMemoryLayout.ProofAt, proof.Length))) throw Foreign(peer);
        return new PeerProcess(
            BinaryPrimitives.ReadInt32LittleEndian(region.Span(at + SharedMemoryLayout.ProcessAt, sizeof(int))),
            BinaryPrimitives.ReadInt64LittleEndian(region.Span(at + SharedMemoryLayout.StartTimeAt, sizeof(long))));
    }

    /// <summary>HMAC(secret, nonce | generation | world size | rank | run).</summary>
    private void Prove(SharedMemoryRegion region, int rank, Span<byte> proof)
    {
        Span<byte> numbers = stackalloc byte[3 * sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(numbers, assignment.Generation);
        BinaryPrimitives.WriteInt32LittleEndian(numbers[4..], assignment.WorldSize);
        BinaryPrimitives.WriteInt32LittleEndian(numbers[8..], rank);
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(assignment.Secret));
        mac.AppendData(region.Span(SharedMemoryLayout.NonceAt, NonceBytes));
        mac.AppendData(numbers);
        mac.AppendData(Encoding.UTF8.GetBytes(assignment.Run));
        mac.GetHashAndReset(proof);
    }

    private void Wait(int peer, CancellationToken abort)
    {
        abort.ThrowIfCancellationRequested();
        if (deadline.Passed)
            throw new PeerLostException(peer, $"{Name(peer)} did not join within {deadline.Timeout.TotalSeconds:0.###} s.");
        Thread.Sleep(Tick);
    }

    private PeerLostException Foreign(int peer) =>
        new(peer, $"{Name(peer)} serves another run, generation, world size or secret.");

    private string Name(int peer) => new Neighbour(peer, assignment.Endpoints[peer]).ToString();

    private static unsafe ref int Joined(SharedMemoryRegion region, int rank) =>
        ref *(int*)region.At(region.Layout.RankAt(rank) + SharedMemoryLayout.JoinedAt);
}
