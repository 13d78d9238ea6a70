using System.Numerics;
using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>Ranks that are processes with a GPU each: NCCL carries the data, a ring of TCP connections everything else.</summary>
/// <remarks>
///   ring:  who may join, NCCL's id, Barrier, Any, and ahead of every collective that all ranks have come to the same one
///   NCCL:  the data, from device memory to device memory
/// The ring also ends what NCCL would wait for without an end (see <see cref="NcclWatch"/>): the collective throws, NCCL's communicator is
/// aborted, and every later call throws. Only the thread inside a call touches the communicator; <see cref="Abort"/> goes through the ring.
/// Sums are NCCL's, in its own order: the same on every rank, but not those of the other groups. They repeat bitwise with the same GPUs,
/// wiring and NCCL, as long as NCCL chooses the same algorithm and none that adds inside the switch: workers run with NCCL_NVLS_ENABLE=0
/// unless told otherwise; NCCL_ALGO=Ring with NCCL_PROTO=Simple pins the rest. What travels is neither encrypted nor signed.
/// On a GPU it was run with a single rank: for more it is tested against a stand-in with the same C API.
/// </remarks>
public sealed unsafe class NcclProcessGroup : IDeviceProcessGroup
{
    /// <summary>For a last collective to be done by the others too.</summary>
    private static readonly TimeSpan PatienceToLeave = TimeSpan.FromSeconds(2);

    private readonly TcpProcessGroup ring;
    private readonly NcclWatch watch;
    private readonly CudaDevice cuda;
    private NcclCommunicator? communicator;
    private TimeSpan timeout;
    private bool deviceIsAtWork;
    private bool disposed;

    private NcclProcessGroup(TcpProcessGroup ring, NcclLibrary library, int device)
    {
        this.ring = ring;
        watch = new NcclWatch(ring);
        cuda = new CudaDevice(library.Cuda, device);
        Device = device;
    }

    public int Rank => ring.Rank;
    public int WorldSize => ring.WorldSize;
    public int Device { get; }

    /// <summary>Joins the ranks of an assignment; returns once every rank has joined. Closes <paramref name="listener"/> in any case.</summary>
    /// <param name="device">Of this rank alone, as in cuda:N: NCCL takes no two ranks on one device.</param>
    /// <param name="joinTimeout">For all ranks to join.</param>
    /// <param name="collectiveTimeout">For a whole collective; null for <see cref="TcpProcessGroup.DefaultCollectiveTimeout"/>.</param>
    /// <param name="abort">Gives up joining; afterwards use <see cref="Abort"/>.</param>
    /// <exception cref="PeerLostException">A rank did not come in time, or was refused.</exception>
    /// <exception cref="NcclException">There is no such device, or NCCL cannot use it.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="abort"/> was cancelled.</exception>
    public static NcclProcessGroup Connect(
        TcpListenerSocket listener, RankAssignment assignment, NcclLibrary library, int device, TimeSpan joinTimeout,
        TimeSpan? collectiveTimeout = null, CancellationToken abort = default)
    {
        var deadline = new Deadline(joinTimeout);
        var ring = TcpProcessGroup.Connect(listener, assignment, joinTimeout, joinTimeout, abort); // A device may take seconds to wake.
        NcclProcessGroup? group = null;
        try
        {
            using var giveUp = abort.Register(() => ring.Abort("was told to give up joining"));
            group = new NcclProcessGroup(ring, library, device);
            group.Form(library.Nccl, deadline.Remaining);
            group.timeout = collectiveTimeout ?? TcpProcessGroup.DefaultCollectiveTimeout;
            ring.SetCollectiveTimeout(group.timeout);
            return group;
        }
        catch (Exception e)
        {
            group?.Dispose();
            ring.Dispose();
            if (e is PeerLostException) abort.ThrowIfCancellationRequested();
            throw;
        }
    }

    public void AllReduce<T>(Span<T> buffer) where T : unmanaged, INumber<T>
    {
        var staged = Stage<T>(buffer.Length);
        cuda.Upload(buffer, staged);
        AllReduce(staged);
        cuda.Download(staged, buffer);
    }

    public void AllGather<T>(ReadOnlySpan<T> local, Span<T> all, ReadOnlySpan<int> counts) where T : unmanaged, INumber<T>
    {
        GroupArguments.CheckCounts(counts, WorldSize, Rank, local.Length, all.Length);
        var staged = Stage<T>(all.Length);
        var own = staged.Slice(GroupArguments.Start(counts, Rank), local.Length);
        cuda.Upload(local, own);
        AllGather(own, staged, counts);
        cuda.Download(staged, all);
    }

    public void ReduceScatter<T>(Span<T> all, Span<T> local, ReadOnlySpan<int> counts) where T : unmanaged, INumber<T>
    {
        GroupArguments.CheckCounts(counts, WorldSize, Rank, local.Length, all.Length);
        var staged = Stage<T>(all.Length);
        var own = staged.Slice(GroupArguments.Start(counts, Rank), local.Length);
        cuda.Upload<T>(all, staged);
        ReduceScatter(staged, own, counts);
        cuda.Download(own, local);
    }

    public void Broadcast(Span<byte> buffer, int root)
    {
        GroupArguments.CheckRoot(root, WorldSize);
        var staged = Stage<byte>(buffer.Length);
        if (root == Rank) cuda.Upload<byte>(buffer, staged);
        Broadcast(staged, root);
        if (root != Rank) cuda.Download(staged, buffer);
    }

    public void AllReduce<T>(DeviceSpan<T> buffer) where T : unmanaged, INumber<T> => Run(
        CollectiveCall.Of<T>(0, CollectiveKind.AllReduce, buffer.Length),
        new()
        {
            Kind = CollectiveKind.AllReduce,
            Type = NcclTypes.Of<T>(),
            ElementSize = sizeof(T),
            Send = buffer.Address,
            Receive = buffer.Address,
            Length = buffer.Length,
        });

    public void AllGather<T>(DeviceSpan<T> local, DeviceSpan<T> all, ReadOnlySpan<int> counts) where T : unmanaged, INumber<T>
    {
        GroupArguments.CheckCounts(counts, WorldSize, Rank, local.Length, all.Length);
        Run(CollectiveCall.Of<T>(0, CollectiveKind.AllGather, all.Length, CollectiveCall.Fingerprint(counts)), new()
        {
            Kind = CollectiveKind.AllGather,
            Type = NcclTypes.Of<T>(),
            ElementSize = sizeof(T),
            Send = local.Address,
            Receive = all.Address,
            Length = all.Length,
            Counts = counts,
        });
    }

    public void ReduceScatter<T>(DeviceSpan<T> all, DeviceSpan<T> local, ReadOnlySpan<int> counts) where T : unmanaged, INumber<T>
    {
        GroupArguments.CheckCounts(counts, WorldSize, Rank, local.Length, all.Length);
        Run(CollectiveCall.Of<T>(0, CollectiveKind.ReduceScatter, all.Length, CollectiveCall.Fingerprint(counts)), new()
        {
            Kind = CollectiveKind.ReduceScatter,
            Type = NcclTypes.Of<T>(),
            ElementSize = sizeof(T),
            Send = all.Address,
            Receive = local.Address,
            Length = all.Length,
            Counts = counts,
        });
    }

    public void Broadcast(DeviceSpan<byte> buffer, int root)
    {
        GroupArguments.CheckRoot(root, WorldSize);
        Run(CollectiveCall.Of<byte>(0, CollectiveKind.Broadcast, buffer.Length, (ulong)root), new()
        {
            Kind = CollectiveKind.Broadcast,
            Type = NcclDataType.UInt8,
            ElementSize = 1,
            Send = buffer.Address,
            Receive = buffer.Address,
            Length = buffer.Length,
            Root = root,
        });
    }

    public void Barrier() => ring.Barrier();

    public bool Any(bool flag) => ring.Any(flag);

    /// <summary>Ends the group for every rank, from any thread: collectives under way and to come throw <see cref="PeerLostException"/>.</summary>
    /// <param name="reason">Follows "Rank N ", such as <c>was told that the run is over</c>.</param>
    public void Abort(string reason) => ring.Abort(reason);

    /// <summary>Leaves; peers inside a collective that this rank has not completed, or in a later one, see it as lost.</summary>
    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        ring.Dispose();
        if (communicator?.Leave(PatienceToLeave) == false) deviceIsAtWork = true;
        if (!deviceIsAtWork) cuda.Dispose(); // Else it would wait for the device; the process is no good for another group anyway.
    }

    private void Form(NcclApi nccl, TimeSpan patience)
    {
        var id = Rank == 0 ? NcclCommunicator.CreateId(nccl) : default;
        ring.Broadcast(NcclUniqueId.AsBytes(ref id), root: 0);
        watch.Begin(null, patience);
        try
        {
            communicator = new NcclCommunicator(nccl, id, WorldSize, Rank);
            while (communicator.IsBusy) watch.Pause();
        }
        catch (Exception e)
        {
            End(e);
            throw;
        }
    }

    private DeviceSpan<T> Stage<T>(int length) where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        cuda.MakeCurrent();
        return cuda.Stage<T>(length);
    }

    private void Run(CollectiveCall call, in NcclWork work)
    {
        try
        {
            call = ring.Meet(call);
            if (call.Bytes == 0) return;
            watch.Begin(call, timeout);
            cuda.MakeCurrent();
            communicator!.Start(work, cuda.Stream);
            while (communicator.IsBusy || !cuda.IsIdle) watch.Pause();
        }
        catch (Exception e) when (e is not ObjectDisposedException)
        {
            End(e);
            throw;
        }
    }

    /// <summary>The group is over: for this rank's device too, and for its peers.</summary>
    /// <exception cref="PeerLostException">In place of NCCL's failure, if a peer is behind it.</exception>
    private void End(Exception cause)
    {
        try
        {
            if (cause is NcclException failure) watch.NamePeerBehind(failure);
        }
        finally
        {
            ring.Abort($"failed: {cause.Message}");
            if (communicator?.Abort() == false) deviceIsAtWork = true;
        }
    }
}
