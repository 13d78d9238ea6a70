using JointFusion.Experiments;

namespace JointFusion.Benchmarks;

/// <summary>The limit of an all-reduce within a machine: every rank reads so many bytes and writes as many, all at once.</summary>
internal sealed class MemoryCopyWork(IRankWork beside) : IRankWork
{
    private float[] target = [];

    public string Endpoint => beside.Endpoint;

    public void Join(RankAssignment assignment) => beside.Join(assignment);

    public void Barrier() => beside.Barrier();

    public void Call(float[] buffer)
    {
        if (target.Length != buffer.Length) target = new float[buffer.Length];
        buffer.CopyTo(target);
    }

    public void Check(float[] buffer)
    {
        if (!target.AsSpan().SequenceEqual(buffer)) throw new InvalidOperationException("The copy is wrong.");
    }

    public void Dispose() => beside.Dispose();
}
