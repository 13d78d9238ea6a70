namespace JointFusion.Data;

/// <summary>Something that can be retrieved.</summary>
/// <param name="Index">Dense: its position in <see cref="MbeirDataset.Candidates"/>.</param>
/// <param name="Did">The data set's id, such as <c>10:42</c>.</param>
/// <param name="Text">Null where the modality has none.</param>
/// <param name="ImagePath">Relative to the root, with forward slashes. Null where the modality has none.</param>
public sealed record Candidate(int Index, string Did, string? Text, string? ImagePath, Modality Modality);
