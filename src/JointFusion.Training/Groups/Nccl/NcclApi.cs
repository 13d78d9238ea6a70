using System.Runtime.InteropServices;

namespace JointFusion.Training;

/// <summary>The functions of libnccl's C API that a group uses, under their own names; see nccl.h.</summary>
internal sealed unsafe class NcclApi
{
    public readonly delegate* unmanaged<NcclUniqueId*, NcclResult> GetUniqueId;
    public readonly delegate* unmanaged<nint*, int, NcclUniqueId, int, NcclConfig*, NcclResult> CommInitRankConfig;
    public readonly delegate* unmanaged<nint, NcclResult*, NcclResult> CommGetAsyncError;
    public readonly delegate* unmanaged<nint, NcclResult> CommFinalize;
    public readonly delegate* unmanaged<nint, NcclResult> CommDestroy;
    public readonly delegate* unmanaged<nint, NcclResult> CommAbort;
    public readonly delegate* unmanaged<NcclResult> GroupStart;
    public readonly delegate* unmanaged<NcclResult> GroupEnd;

    /// <summary>send, receive, count, type, operation, communicator, stream.</summary>
    public readonly delegate* unmanaged<nint, nint, nuint, NcclDataType, NcclReduction, nint, nint, NcclResult> AllReduce;

    /// <summary>send, receive, count of one rank, type, communicator, stream.</summary>
    public readonly delegate* unmanaged<nint, nint, nuint, NcclDataType, nint, nint, NcclResult> AllGather;

    /// <summary>send, receive, count of one rank, type, operation, communicator, stream.</summary>
    public readonly delegate* unmanaged<nint, nint, nuint, NcclDataType, NcclReduction, nint, nint, NcclResult> ReduceScatter;

    /// <summary>send, receive, count, type, root, communicator, stream.</summary>
    public readonly delegate* unmanaged<nint, nint, nuint, NcclDataType, int, nint, nint, NcclResult> Broadcast;

    /// <summary>send, receive, count, type, operation, root, communicator, stream.</summary>
    public readonly delegate* unmanaged<nint, nint, nuint, NcclDataType, NcclReduction, int, nint, nint, NcclResult> Reduce;

    private readonly delegate* unmanaged<NcclResult, nint> getErrorString;
    private readonly delegate* unmanaged<nint, nint> getLastError;

    public NcclApi(SharedLibrary library)
    {
        GetUniqueId = (delegate* unmanaged<NcclUniqueId*, NcclResult>)library.Symbol("ncclGetUniqueId");
        CommInitRankConfig = (delegate* unmanaged<nint*, int, NcclUniqueId, int, NcclConfig*, NcclResult>)library.Symbol("ncclCommInitRankConfig");
        CommGetAsyncError = (delegate* unmanaged<nint, NcclResult*, NcclResult>)library.Symbol("ncclCommGetAsyncError");
        CommFinalize = (delegate* unmanaged<nint, NcclResult>)library.Symbol("ncclCommFinalize");
        CommDestroy = (delegate* unmanaged<nint, NcclResult>)library.Symbol("ncclCommDestroy");
        CommAbort = (delegate* unmanaged<nint, NcclResult>)library.Symbol("ncclCommAbort");
        GroupStart = (delegate* unmanaged<NcclResult>)library.Symbol("ncclGroupStart");
        GroupEnd = (delegate* unmanaged<NcclResult>)library.Symbol("ncclGroupEnd");
        AllReduce = (delegate* unmanaged<nint, nint, nuint, NcclDataType, NcclReduction, nint, nint, NcclResult>)library.Symbol("ncclAllReduce");
        AllGather = (delegate* unmanaged<nint, nint, nuint, NcclDataType, nint, nint, NcclResult>)library.Symbol("ncclAllGather");
        ReduceScatter = (delegate* unmanaged<nint, nint, nuint, NcclDataType, NcclReduction, nint, nint, NcclResult>)library.Symbol("ncclReduceScatter");
        Broadcast = (delegate* unmanaged<nint, nint, nuint, NcclDataType, int, nint, nint, NcclResult>)library.Symbol("ncclBroadcast");
        Reduce = (delegate* unmanaged<nint, nint, nuint, NcclDataType, NcclReduction, int, nint, nint, NcclResult>)library.Symbol("ncclReduce");
        getErrorString = (delegate* unmanaged<NcclResult, nint>)library.Symbol("ncclGetErrorString");
        getLastError = (delegate* unmanaged<nint, nint>)library.Symbol("ncclGetLastError");
    }

    /// <param name="communicator">May be 0.</param>
    /// <exception cref="NcclException">Neither done nor under way.</exception>
    public void Check(NcclResult result, string function, nint communicator)
    {
        if (result is NcclResult.Success or NcclResult.InProgress) return;
        var reason = Marshal.PtrToStringUTF8(getErrorString(result));
        var last = Marshal.PtrToStringUTF8(getLastError(communicator));
        throw new NcclException(result, $"{function}: {reason} ({(int)result}){(string.IsNullOrEmpty(last) ? "" : $": {last}")}");
    }
}

/// <summary>NCCL or the CUDA driver refused a call or failed behind it.</summary>
public sealed class NcclException : Exception
{
    internal NcclException(NcclResult result, string message) : base(message) => Result = result;

    internal NcclResult Result { get; }
}
