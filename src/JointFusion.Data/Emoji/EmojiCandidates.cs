using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>Everything that can be retrieved: a picture, a caption and a labelled picture (card) by each artist, names, and short answers.</summary>
internal sealed class EmojiCandidates
{
    private readonly CandidateList list = new(EmojiDataSet.DataSetId);

    // A text may be a name and an answer.
    private readonly HashSet<int> captions = [], names = [], answers = [];

    public EmojiCandidates(IEnumerable<EmojiConcept> concepts)
    {
        foreach (var concept in concepts)
        {
            foreach (var artist in EmojiArtists.All)
            {
                Picture(concept, artist);
                Caption(concept, artist);
                Card(concept, artist);
            }

            Name(concept);
        }
    }

    public IReadOnlyList<DrawnCandidate> All => list.All;

    public int Picture(EmojiConcept concept, EmojiArtist artist) => list.Intern(concept, null, concept.ImagePath(artist), Modality.Image);

    public int Caption(EmojiConcept concept, EmojiArtist artist) => Marked(captions, list.Intern(concept, concept.Caption(artist), null, Modality.Text));

    /// <summary>The text lacks the artist and the picture lacks the words.</summary>
    public int Card(EmojiConcept concept, EmojiArtist artist) => list.Intern(concept, concept.Text, concept.ImagePath(artist), Modality.ImageText);

    public int Name(EmojiConcept concept) => Marked(names, list.Intern(concept, concept.Text, null, Modality.Text));

    public int Answer(string text) => Marked(answers, list.Intern(null, text, null, Modality.Text));

    /// <summary>The task's own pool: names for keywords, captions for pictures, answers for questions, and otherwise whatever has the task's modality.</summary>
    public ImmutableArray<int> Pool(MbeirTask task) =>
    [
        .. Enumerable.Range(0, All.Count).Where(index => task.Candidate == Modality.Text
            ? (task.Query == Modality.Text ? names : task.Query == Modality.Image ? captions : answers).Contains(index)
            : All[index].Modality == task.Candidate),
    ];

    private static int Marked(HashSet<int> kind, int index)
    {
        kind.Add(index);
        return index;
    }
}
