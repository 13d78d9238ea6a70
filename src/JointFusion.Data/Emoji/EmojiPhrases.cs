using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>Every text of the emoji set that is not made of emoji names and keywords: questions, changes, instructions.</summary>
internal static class EmojiPhrases
{
    public const string OtherArtist = "by the other artist";
    public const string WhichThing = "who or what is it?";
    public const string WhichLook = "how does it look?";

    private static readonly ImmutableDictionary<EmojiTone, string> Tones = new Dictionary<EmojiTone, string>
    {
        [EmojiTone.Light] = "light skin tone",
        [EmojiTone.MediumLight] = "medium light skin tone",
        [EmojiTone.Medium] = "medium skin tone",
        [EmojiTone.MediumDark] = "medium dark skin tone",
        [EmojiTone.Dark] = "dark skin tone",
    }.ToImmutableDictionary();

    public static string SameLook(string thing) => $"the same look on {thing}";

    /// <summary>Of the traits that differ from none, or null where none does: <c>woman, red hair, dark skin tone</c>.</summary>
    public static string? Look(EmojiTraits traits)
    {
        string?[] parts =
        [
            traits.Gender == EmojiGender.Person ? null : Word(traits.Gender),
            traits.Hair switch { EmojiHair.Plain => null, EmojiHair.Bald => "bald", _ => $"{Word(traits.Hair)} hair" },
            Tones.GetValueOrDefault(traits.Tone),
            traits.FacesRight ? "facing right" : null,
        ];
        return parts.OfType<string>().ToList() is { Count: > 0 } named ? string.Join(", ", named) : null;
    }

    /// <summary>What makes the traits out of others: <c>as a woman with dark skin tone</c>.</summary>
    public static string Change(EmojiChange change, EmojiTraits to)
    {
        string?[] parts =
        [
            change.HasFlag(EmojiChange.Gender) ? $"as a {Word(to.Gender)}" : null,
            !change.HasFlag(EmojiChange.Hair) ? null : to.Hair switch { EmojiHair.Plain => "with plain hair", EmojiHair.Bald => "bald", _ => $"with {Word(to.Hair)} hair" },
            !change.HasFlag(EmojiChange.Tone) ? null : to.Tone == EmojiTone.None ? "without skin tone" : $"with {Tones[to.Tone]}",
            !change.HasFlag(EmojiChange.Direction) ? null : to.FacesRight ? "facing right" : "facing left",
        ];
        return string.Join(' ', parts.OfType<string>());
    }

    /// <summary>Four ways to ask for each task, in the order of the tasks.</summary>
    public static ImmutableSortedDictionary<int, ImmutableArray<string>> Instructions { get; } = new Dictionary<int, ImmutableArray<string>>
    {
        [0] = ["Find the emoji that this caption names.", "Show the emoji described here.", "Which drawing fits this caption?", "Retrieve the picture for this label."],
        [1] = ["Find the name that these keywords stand for.", "Which name fits these keywords?", "Name what is described by these words.", "Retrieve the name for these keywords."],
        [2] = ["Find the labelled emoji that fits this description.", "Show the emoji and its label for this text.", "Which labelled drawing is meant?", "Retrieve the emoji card described here."],
        [3] = ["Name this emoji and its artist.", "Find the caption of this emoji.", "Which label fits this drawing?", "Describe this emoji."],
        [4] = ["Find the same emoji by another artist.", "Show this emoji redrawn.", "Which drawing is the same emoji?", "Retrieve the emoji in another hand."],
        [6] = ["Answer the question about this emoji.", "Find the words that answer this question.", "Answer from the drawing.", "What is the answer?"],
        [7] = ["Find the emoji changed as the text says.", "Apply the change to this emoji.", "Show the emoji after this edit.", "Retrieve the edited emoji."],
        [8] = ["Find the labelled emoji changed as the text says.", "Apply the change and show emoji and label.", "Show the labelled emoji after this edit.", "Retrieve the edited emoji card."],
    }.ToImmutableSortedDictionary();

    /// <summary>All of the above with nothing filled in, every trait's words, and those that captions name artists by.</summary>
    public static IEnumerable<string> All =>
    [
        OtherArtist, WhichThing, WhichLook, SameLook(""), "as a with without plain facing left right person man woman men women people bald hair",
        .. Enum.GetValues<EmojiHair>().Select(Word),
        .. Tones.Values,
        .. EmojiArtists.All.Select(artist => artist.Word()),
        .. Instructions.Values.SelectMany(texts => texts),
    ];

    private static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}
