using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>Emoji of one thing that differ in how it looks.</summary>
/// <param name="Plain">The one without any trait, by whose name the family goes.</param>
/// <param name="Members">At least two, the plain one among them; each has the plain one's words, so that they are held out together.</param>
internal sealed record EmojiFamily(EmojiConcept Plain, ImmutableDictionary<EmojiTraits, EmojiConcept> Members)
{
    private const string Anybody = "person";

    /// <summary>In the order of the plain ones; what has no plain one is in no family.</summary>
    public static ImmutableArray<EmojiFamily> Find(IReadOnlyList<EmojiConcept> concepts)
    {
        var byThing = concepts.ToLookup(concept => concept.Thing, StringComparer.Ordinal);
        return
        [
            .. from plain in concepts
               where plain.Traits == default
               let members = byThing[plain.Thing].Where(member => IsNamedAfter(plain, member)).ToImmutableDictionary(member => member.Traits)
               where members.Count > 1
               select new EmojiFamily(plain, members),
        ];
    }

    /// <summary>A man firefighter is one of the firefighters; a merman has a name of his own.</summary>
    private static bool IsNamedAfter(EmojiConcept plain, EmojiConcept member) => plain.Words.All(word => word == Anybody || member.Words.Contains(word));
}
