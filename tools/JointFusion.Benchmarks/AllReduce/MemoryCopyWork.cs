using JointFusion.Experiments;

namespace JointFusion.Benchmarks;

/// <summary>The limit of an all-reduce within a machine: every rank reads so many bytes and writes as many, all at once.</summary>
internal sealed class MemoryCopyWork(IRankWork beside) : IRankWork
{
    private NativeFloats? target;

    public string Endpoint => beside.Endpoint;

    public void Join(RankAssignment assignment) => beside.Join(assignment);

    public void Barrier() => beside.Barrier();

    public void Call(Span<float> buffer)
    {
        if (target?.Span.Length != buffer.Length)
        {
            target?.Dispose();
            target = new NativeFloats(buffer.Length);
        }
        buffer.CopyTo(target.Span);
    }

    public void Check(Span<float> buffer)
    {
        if (!target!.Span.SequenceEqual(buffer)) throw new InvalidOperationException("The copy is wrong.");
    }

    public void Dispose()
    {
        target?.Dispose();
        beside.Dispose();
    }
}
