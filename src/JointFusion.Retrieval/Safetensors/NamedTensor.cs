using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>A tensor under the name it has in files, such as <c>joint.blocks.0.qkv.weight</c>.</summary>
public readonly record struct NamedTensor(string Name, Tensor Tensor);
