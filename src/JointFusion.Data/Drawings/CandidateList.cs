namespace JointFusion.Data;

/// <param name="Did">The data set's id, a colon and n, from 1 in the order of addition.</param>
/// <param name="Concept">Null for texts that belong to none.</param>
internal sealed record DrawnCandidate(string Did, DrawnConcept? Concept, string? Text, string? Image, Modality Modality);

/// <summary>Candidates in the order of their addition, equal ones once.</summary>
internal sealed class CandidateList(int dataSetId)
{
    private readonly List<DrawnCandidate> all = [];
    private readonly Dictionary<(string? Text, string? Image), int> indexOf = [];

    public IReadOnlyList<DrawnCandidate> All => all;

    /// <returns>Its index.</returns>
    public int Intern(DrawnConcept? concept, string? text, string? image, Modality modality)
    {
        if (indexOf.TryGetValue((text, image), out var index)) return index;

        indexOf[(text, image)] = all.Count;
        all.Add(new DrawnCandidate($"{dataSetId}:{all.Count + 1}", concept, text, image, modality));
        return all.Count - 1;
    }
}
