using System.Collections.Immutable;

namespace JointFusion.Data;

/// <param name="Did">10:n, n from 1 in the order of addition.</param>
/// <param name="Concept">Null for answers, which belong to no icon.</param>
internal sealed record IconCandidate(string Did, IconConcept? Concept, string? Text, string? Image, Modality Modality);

/// <summary>Everything that can be retrieved: a picture, a caption and a labelled picture (card) of each style, and short answers.</summary>
internal sealed class IconCandidates
{
    private readonly List<IconCandidate> all = [];
    private readonly Dictionary<(string? Text, string? Image), int> indexOf = [];

    public IconCandidates(IEnumerable<IconConcept> concepts)
    {
        foreach (var concept in concepts)
        {
            foreach (var style in IconConcept.Styles)
            {
                Picture(concept, style);
                Caption(concept, style);
                Card(concept, style);
            }

            if (concept.ImagePath(IconView.Color) is not null) Picture(concept, IconView.Color);
        }
    }

    public IReadOnlyList<IconCandidate> All => all;

    public int Picture(IconConcept concept, IconView view) => Intern(concept, null, concept.ImagePath(view), Modality.Image);

    public int Caption(IconConcept concept, IconView style) => Intern(concept, concept.Caption(style), null, Modality.Text);

    /// <summary>The text lacks the style and the picture lacks the words.</summary>
    public int Card(IconConcept concept, IconView style) => Intern(concept, concept.Text, concept.ImagePath(style), Modality.ImageText);

    public int Answer(string text) => Intern(null, text, null, Modality.Text);

    /// <summary>The task's own pool: answers for questions, captions for pictures, and otherwise whatever has the task's modality.</summary>
    public ImmutableArray<int> Pool(MbeirTask task) =>
    [
        .. Enumerable.Range(0, all.Count).Where(index => all[index].Modality == task.Candidate
            && (task.Candidate != Modality.Text || (all[index].Concept is null) == (task.Query == Modality.ImageText))),
    ];

    private int Intern(IconConcept? concept, string? text, string? image, Modality modality)
    {
        if (indexOf.TryGetValue((text, image), out var index)) return index;

        indexOf[(text, image)] = all.Count;
        all.Add(new IconCandidate($"{IconsDataSet.DataSetId}:{all.Count + 1}", concept, text, image, modality));
        return all.Count - 1;
    }
}
