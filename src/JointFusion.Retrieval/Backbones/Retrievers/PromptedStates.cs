using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>What a language model makes of its sequences: a state for each of their tokens.</summary>
/// <param name="States_RW">In the rows of <paramref name="Sequences"/>.</param>
internal sealed record PromptedStates(Tensor States_RW, PackedSequences Sequences);
