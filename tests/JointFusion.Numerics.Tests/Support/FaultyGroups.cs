using System.Numerics;
using JointFusion.Training;

namespace JointFusion.Numerics.Tests;

/// <summary>Passes everything on; the faults below each break one collective.</summary>
public abstract class GroupDecorator(IProcessGroup inner) : IProcessGroup
{
    public int Rank => inner.Rank;
    public int WorldSize => inner.WorldSize;
    protected IProcessGroup Inner => inner;

    public virtual void AllReduce<T>(Span<T> buffer) where T : unmanaged, INumber<T> => inner.AllReduce(buffer);

    public virtual void AllGather<T>(ReadOnlySpan<T> local, Span<T> all, ReadOnlySpan<int> counts) where T : unmanaged, INumber<T> =>
        inner.AllGather(local, all, counts);

    public virtual void ReduceScatter<T>(Span<T> all, Span<T> local, ReadOnlySpan<int> counts) where T : unmanaged, INumber<T> =>
        inner.ReduceScatter(all, local, counts);

    public void Broadcast(Span<byte> buffer, int root) => inner.Broadcast(buffer, root);
    public void Barrier() => inner.Barrier();
    public virtual bool Any(bool flag) => inner.Any(flag);
    public void Dispose() => inner.Dispose();

    /// <summary>Of this rank's part, the first element.</summary>
    protected int Start(ReadOnlySpan<int> counts)
    {
        var start = 0;
        for (var rank = 0; rank < Rank; rank++)
            start += counts[rank];
        return start;
    }
}

/// <summary>Other ranks' candidates never arrive: each rank sees its own and noise.</summary>
public sealed class DroppedGather(IProcessGroup inner) : GroupDecorator(inner)
{
    public override void AllGather<T>(ReadOnlySpan<T> local, Span<T> all, ReadOnlySpan<int> counts)
    {
        all.Clear();
        local.CopyTo(all[Start(counts)..]);
    }
}

/// <summary>Each rank keeps only its own term of its candidates' gradients: a gather without gradient.</summary>
public sealed class DroppedScatter(IProcessGroup inner) : GroupDecorator(inner)
{
    public override void ReduceScatter<T>(Span<T> all, Span<T> local, ReadOnlySpan<int> counts) =>
        all.Slice(Start(counts), local.Length).CopyTo(local);
}

/// <summary>The sum over ranks comes out half as large.</summary>
public sealed class WrongScale(IProcessGroup inner) : GroupDecorator(inner)
{
    public override void AllReduce<T>(Span<T> buffer)
    {
        base.AllReduce(buffer);
        if (typeof(T) != typeof(double))
            return; // Any counts its flags in integers.
        foreach (ref var value in buffer)
            value /= T.One + T.One;
    }
}

/// <summary>One element of the summed gradients, at <paramref name="place"/>, is summed twice.</summary>
public sealed class TwiceSummed(IProcessGroup inner, int place) : GroupDecorator(inner)
{
    public override void AllReduce<T>(Span<T> buffer)
    {
        base.AllReduce(buffer);
        if (buffer.Length > place)
            buffer[place] += buffer[place];
    }
}

/// <summary>Rank 1's part of a sum of <paramref name="length"/> elements is summed twice.</summary>
public sealed class TwiceScattered(IProcessGroup inner, int length) : GroupDecorator(inner)
{
    public override void ReduceScatter<T>(Span<T> all, Span<T> local, ReadOnlySpan<int> counts)
    {
        base.ReduceScatter(all, local, counts);
        if (Rank != 1 || all.Length != length)
            return;
        foreach (ref var value in local)
            value += value;
    }
}
