using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>Everything that can be retrieved: a picture, a caption and a labelled picture (card) of each style, and short answers.</summary>
internal sealed class IconCandidates
{
    private readonly CandidateList list = new(IconsDataSet.DataSetId);

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

    public IReadOnlyList<DrawnCandidate> All => list.All;

    public int Picture(IconConcept concept, IconView view) => list.Intern(concept, null, concept.ImagePath(view), Modality.Image);

    public int Caption(IconConcept concept, IconView style) => list.Intern(concept, concept.Caption(style), null, Modality.Text);

    /// <summary>The text lacks the style and the picture lacks the words.</summary>
    public int Card(IconConcept concept, IconView style) => list.Intern(concept, concept.Text, concept.ImagePath(style), Modality.ImageText);

    public int Answer(string text) => list.Intern(null, text, null, Modality.Text);

    /// <summary>The task's own pool: answers for questions, captions for pictures, and otherwise whatever has the task's modality.</summary>
    public ImmutableArray<int> Pool(MbeirTask task) =>
    [
        .. Enumerable.Range(0, All.Count).Where(index => All[index].Modality == task.Candidate
            && (task.Candidate != Modality.Text || (All[index].Concept is null) == (task.Query == Modality.ImageText))),
    ];
}
