using System.Runtime.InteropServices;
using JointFusion.Retrieval;
using JointFusion.Training;
using static TorchSharp.torch;

namespace JointFusion.Benchmarks;

/// <summary>Weights and moments of a made-up size, and the two things that no save can be faster than.</summary>
internal sealed unsafe class SyntheticState : IDisposable
{
    private readonly Tensor[] tensors;
    private readonly Tensor target;

    public SyntheticState(int megabytes, int count)
    {
        var elements = megabytes * 1_000_000L / sizeof(float) / count;
        tensors = [.. Enumerable.Range(0, count).Select(_ => randn(elements))];
        target = zeros(elements * count);
        Bytes = elements * count * sizeof(float);
    }

    public long Bytes { get; }

    /// <summary>A third of the tensors are weights.</summary>
    public CheckpointState At(int step)
    {
        NamedTensor[] named = [.. tensors.Select((tensor, i) => new NamedTensor($"tensor{i}", tensor))];
        return new CheckpointState(step, "benchmark", "", named[..(named.Length / 3)], named[(named.Length / 3)..]);
    }

    /// <summary>Into one block that is there already.</summary>
    public void Copy()
    {
        fixed (byte* start = &MemoryMarshal.GetReference(target.bytes))
        {
            var end = start;
            foreach (var tensor in tensors)
            {
                fixed (byte* from = &MemoryMarshal.GetReference(tensor.bytes))
                    Buffer.MemoryCopy(from, end, tensor.bytes.Length, tensor.bytes.Length);
                end += tensor.bytes.Length;
            }
        }
    }

    /// <summary>One file, in large pieces, no hash and no rename.</summary>
    public void WriteAndSync(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        long offset = 0;
        foreach (var tensor in tensors)
        {
            RandomAccess.Write(file, tensor.bytes, offset);
            offset += tensor.bytes.Length;
        }
        RandomAccess.FlushToDisk(file);
    }

    public void Dispose()
    {
        foreach (var tensor in tensors)
            tensor.Dispose();
        target.Dispose();
    }
}
