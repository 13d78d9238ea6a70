namespace JointFusion.Training;

/// <summary>One rank of a non-blocking NCCL communicator. Only one thread at a time may use it, with its device current.</summary>
/// <remarks>
/// Collectives of unequal parts have no function of their own in NCCL. They are its groups: of one broadcast from each rank for an
/// all-gather, of one reduction to each rank for a reduce-scatter.
/// </remarks>
internal sealed unsafe class NcclCommunicator
{
    /// <summary>Freeing it may wait for other ranks of the machine to do the same; a dead one never does.</summary>
    private static readonly TimeSpan PatienceToFree = TimeSpan.FromSeconds(5);

    private readonly NcclApi api;
    private readonly int rank;
    private nint handle;

    /// <summary>Begins to join; <see cref="IsBusy"/> until all ranks have.</summary>
    public NcclCommunicator(NcclApi api, in NcclUniqueId id, int worldSize, int rank)
    {
        this.api = api;
        this.rank = rank;
        var config = NcclConfig.NonBlocking;
        nint communicator = 0;
        var result = api.CommInitRankConfig(&communicator, worldSize, id, rank, &config);
        handle = communicator;
        try
        {
            Check(result, "ncclCommInitRankConfig");
        }
        catch (NcclException)
        {
            Abort();
            throw;
        }
    }

    public static NcclUniqueId CreateId(NcclApi api)
    {
        NcclUniqueId id;
        api.Check(api.GetUniqueId(&id), "ncclGetUniqueId", 0);
        return id;
    }

    /// <summary>While it is, it takes no other call but the one to free it, and its streams do not hold yet what it was given.</summary>
    /// <exception cref="NcclException">It failed, maybe at another rank.</exception>
    public bool IsBusy
    {
        get
        {
            NcclResult state;
            api.Check(api.CommGetAsyncError(handle, &state), "ncclCommGetAsyncError", handle);
            api.Check(state, "NCCL", handle);
            return state == NcclResult.InProgress;
        }
    }

    /// <summary>Gives the work to the stream; <see cref="IsBusy"/> until the stream has it.</summary>
    public void Start(in NcclWork work, nint stream)
    {
        var length = (nuint)work.Length;
        switch (work.Kind)
        {
            case CollectiveKind.AllReduce:
                Check(api.AllReduce(work.Send, work.Receive, length, work.Type, NcclReduction.Sum, handle, stream), "ncclAllReduce");
                break;
            case CollectiveKind.Broadcast:
                Check(api.Broadcast(work.Send, work.Receive, length, work.Type, work.Root, handle, stream), "ncclBroadcast");
                break;
            case CollectiveKind.AllGather when work.IsEven:
                Check(api.AllGather(work.Send, work.Receive, (nuint)work.Counts[0], work.Type, handle, stream), "ncclAllGather");
                break;
            case CollectiveKind.ReduceScatter when work.IsEven:
                Check(api.ReduceScatter(work.Send, work.Receive, (nuint)work.Counts[0], work.Type, NcclReduction.Sum, handle, stream), "ncclReduceScatter");
                break;
            default:
                StartParts(work, stream);
                break;
        }
    }

    /// <summary>Ends what is under way, on the device too, and frees it.</summary>
    /// <returns>False if it is not done after a while; the device may then still be at work.</returns>
    public bool Abort() => Free(api.CommAbort);

    /// <summary>Frees it after it has done all it was given, if that comes to an end within <paramref name="patience"/>; else aborts it.</summary>
    /// <returns>As of <see cref="Abort"/>.</returns>
    public bool Leave(TimeSpan patience)
    {
        if (handle == 0) return true;
        var deadline = new Deadline(patience);
        try
        {
            Check(api.CommFinalize(handle), "ncclCommFinalize");
            while (IsBusy)
            {
                if (deadline.Passed) return Abort();
                Thread.Sleep(1);
            }
        }
        catch (NcclException)
        {
            return Abort(); // The group is over; nobody is left who could act on why.
        }
        return Free(api.CommDestroy);
    }

    private void StartParts(in NcclWork work, nint stream)
    {
        Check(api.GroupStart(), "ncclGroupStart");
        var worst = NcclResult.Success;
        nint offset = 0;
        for (var root = 0; root < work.Counts.Length; root++)
        {
            var count = (nuint)work.Counts[root];
            if (count == 0) continue;
            var result = work.Kind == CollectiveKind.AllGather
                ? api.Broadcast(root == rank ? work.Send : work.Receive + offset, work.Receive + offset, count, work.Type, root, handle, stream)
                : api.Reduce(work.Send + offset, root == rank ? work.Receive : 0, count, work.Type, NcclReduction.Sum, root, handle, stream);
            if (result is not (NcclResult.Success or NcclResult.InProgress) && worst == NcclResult.Success) worst = result;
            offset += work.Counts[root] * (nint)work.ElementSize;
        }
        var end = api.GroupEnd(); // In any case: a group is the thread's, not the communicator's.
        Check(worst, "a call of an NCCL group");
        Check(end, "ncclGroupEnd");
    }

    private bool Free(delegate* unmanaged<nint, NcclResult> free)
    {
        var communicator = Interlocked.Exchange(ref handle, 0);
        if (communicator == 0) return true;
        var thread = new Thread(() => free(communicator)) { IsBackground = true, Name = "nccl-free" };
        thread.Start();
        return thread.Join(PatienceToFree);
    }

    private void Check(NcclResult result, string function) => api.Check(result, function, handle);
}
