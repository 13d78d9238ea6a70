using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary><see cref="AttentionKernel{T}"/> over packed sequences without padding, as a step of a graph.</summary>
/// <remarks>An exception inside <see cref="backward"/> ends the process: whatever can be refused is refused by <see cref="Takes"/>.</remarks>
internal sealed class PackedAttention : autograd.SingleTensorFunction<PackedAttention>
{
    /// <summary>At 200 positions of 64 libtorch's own attention was as fast; at 81 of 24 it took 1.5 times as long, at 9 seven times. And a head's scores must stay in the core's cache.</summary>
    private const int LongestSequence = 192;

    public override string Name => nameof(PackedAttention);

    /// <param name="qkv_RZ">float32, float64 or bfloat16; Z = 3 H K.</param>
    /// <returns>[R, H K].</returns>
    public static Tensor Mix_RW(Tensor qkv_RZ, Packing packing, int heads) => apply(qkv_RZ, new Sequences(packing, heads, HeadWidth(qkv_RZ, heads)));

    public static bool Takes(Tensor qkv_RZ, Packing packing, int heads)
    {
        var width = HeadWidth(qkv_RZ, heads);
        return qkv_RZ.device_type == DeviceType.CPU
            && (qkv_RZ.dtype == ScalarType.Float64 ? AttentionKernel<double>.Fits(width) : AttentionKernel<float>.Fits(width))
            && qkv_RZ.numel() * qkv_RZ.element_size() <= int.MaxValue
            && packing.Groups.All(group => group.Attendable_N11S is null && group.Length <= LongestSequence);
    }

    private static int HeadWidth(Tensor qkv_RZ, int heads) => (int)(qkv_RZ.size(1) / 3 / heads);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (qkv_RZ, sequences) = ((Tensor)vars[0], (Sequences)vars[1]);
        var mixed_RW = empty(qkv_RZ.size(0), qkv_RZ.size(1) / 3, qkv_RZ.dtype);
        var logSums_RH = empty(qkv_RZ.size(0), sequences.Heads, qkv_RZ.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32);
        sequences.Forward(qkv_RZ, mixed_RW, logSums_RH);
        ctx.save_for_backward([qkv_RZ, logSums_RH]);
        ctx.save_data(nameof(Sequences), sequences);
        return mixed_RW;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var (saved, sequences) = (ctx.get_saved_variables(), (Sequences)ctx.get_data(nameof(Sequences)));
        using var mixedGradient_RW = grad_output.contiguous();
        var gradient_RZ = empty_like(saved[0]);
        sequences.Backward(saved[0], saved[1], mixedGradient_RW, gradient_RZ);
        return [gradient_RZ, null!];
    }

    /// <summary>Where each sequence starts and how long it is.</summary>
    private sealed unsafe class Sequences(Packing packing, int heads, int headWidth)
    {
        private readonly (int First, int Length)[] all = [.. Of(packing)];

        private readonly bool causal = packing.IsCausal;

        public int Heads => heads;

        public void Forward(Tensor qkv_RZ, Tensor mixed_RW, Tensor logSums_RH)
        {
            if (qkv_RZ.dtype == ScalarType.BFloat16)
                ForwardRounded(Data<ushort>(qkv_RZ), Data<ushort>(mixed_RW), Data<float>(logSums_RH));
            else if (qkv_RZ.dtype == ScalarType.Float64)
                Forward(Data<double>(qkv_RZ), Data<double>(mixed_RW), Data<double>(logSums_RH));
            else
                Forward(Data<float>(qkv_RZ), Data<float>(mixed_RW), Data<float>(logSums_RH));
        }

        public void Backward(Tensor qkv_RZ, Tensor logSums_RH, Tensor mixedGradient_RW, Tensor gradient_RZ)
        {
            if (qkv_RZ.dtype == ScalarType.BFloat16)
                BackwardRounded(Data<ushort>(qkv_RZ), Data<float>(logSums_RH), Data<ushort>(mixedGradient_RW), Data<ushort>(gradient_RZ));
            else if (qkv_RZ.dtype == ScalarType.Float64)
                Backward(Data<double>(qkv_RZ), Data<double>(logSums_RH), Data<double>(mixedGradient_RW), Data<double>(gradient_RZ));
            else
                Backward(Data<float>(qkv_RZ), Data<float>(logSums_RH), Data<float>(mixedGradient_RW), Data<float>(gradient_RZ));
        }

        private void Forward<T>(T* qkv, T* mixed, T* logSums) where T : unmanaged, IFloatingPointIeee754<T> => Each((first, length) =>
            AttentionKernel<T>.Forward(qkv + (first * 3 * Width), mixed + (first * Width), logSums + (first * heads), length, heads, headWidth, causal));

        private void Backward<T>(T* qkv, T* logSums, T* given, T* gradient) where T : unmanaged, IFloatingPointIeee754<T> => Each((first, length) =>
            AttentionKernel<T>.Backward(qkv + (first * 3 * Width), logSums + (first * heads), given + (first * Width), gradient + (first * 3 * Width), length, heads, headWidth, causal));

        private void ForwardRounded(ushort* qkv, ushort* mixed, float* logSums) => Each((first, length) =>
            BrainFloatAttention.Forward(qkv + (first * 3 * Width), mixed + (first * Width), logSums + (first * heads), length, heads, headWidth, causal));

        private void BackwardRounded(ushort* qkv, float* logSums, ushort* given, ushort* gradient) => Each((first, length) =>
            BrainFloatAttention.Backward(qkv + (first * 3 * Width), logSums + (first * heads), given + (first * Width), gradient + (first * 3 * Width), length, heads, headWidth, causal));

        private nint Width => heads * headWidth;

        /// <summary>Each sequence on one thread, so that their number changes no result.</summary>
        private void Each(Action<nint, int> work) => TorchThreads.For(all.Length, i => work(all[i].First, all[i].Length));

        private static IEnumerable<(int First, int Length)> Of(Packing packing)
        {
            var first = 0;
            foreach (var group in packing.Groups)
                for (var item = 0; item < group.Items; item++, first += group.Length)
                    yield return (first, group.Length);
        }

        private static T* Data<T>(Tensor tensor) where T : unmanaged => (T*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
    }
}
