using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>What planning needs to know of a published model's folder. Made by the Data project.</summary>
/// <param name="Folder">Absolute.</param>
/// <param name="ContentHash">Of config, weights, tokenizer and image processor, wherever they lie.</param>
/// <param name="MostPatches">Of one picture; 0 where the model takes none.</param>
/// <param name="TokensAroundText">That its tokenizer puts around each text of a model with two towers.</param>
/// <param name="Faults">What the spec asks of it that it has not.</param>
public sealed record BackboneSummary(
    string Folder, string ContentHash, BackboneConfig Config, int MostPatches, int TokensAroundText, ImmutableArray<BackboneFault> Faults);

/// <param name="KeyPath">Such as <c>retriever.pooling_token</c>.</param>
public sealed record BackboneFault(string KeyPath, string Message);
