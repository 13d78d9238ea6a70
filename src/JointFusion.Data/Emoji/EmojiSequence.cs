using System.Collections.Immutable;
using System.Globalization;

namespace JointFusion.Data;

/// <summary>An emoji's code points taken apart (Unicode Technical Standard 51): who or what it is, and how it looks.</summary>
/// <param name="Thing">Equal in all emoji that differ in their traits alone.</param>
internal readonly record struct EmojiSequence(string Thing, EmojiTraits Traits)
{
    private const int Joiner = 0x200D, Presentation = 0xFE0F, FirstTone = 0x1F3FB, LastTone = 0x1F3FF, FirstHair = 0x1F9B0, LastHair = 0x1F9B3;
    private const int Man = 0x1F468, Woman = 0x1F469, Person = 0x1F9D1, FemaleSign = 0x2640, MaleSign = 0x2642, RightArrow = 0x27A1;

    /// <summary>Where several people are shown, nothing is taken apart.</summary>
    public static EmojiSequence Of(string hexcode)
    {
        ImmutableArray<int> points = [.. hexcode.Split('-').Select(point => int.Parse(point, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).Where(point => point != Presentation)];
        if (points.Count(IsTone) > 1 || points.Count(IsBody) > 1) return new(Join(points), default);

        // Signs count after a joiner alone: by themselves they are emoji of their own.
        var signs = Enumerable.Range(1, points.Length - 1).Where(at => points[at - 1] == Joiner && IsSign(points[at])).ToHashSet();
        var traits = points.Where((point, at) => signs.Contains(at) || !IsSign(point)).Aggregate(default(EmojiTraits), With);
        var thing = points.Where((point, at) => !IsTone(point) && !signs.Contains(at) && !signs.Contains(at + 1)).Select(point => IsBody(point) ? Person : point);
        return new(Join(thing), traits);
    }

    private static EmojiTraits With(EmojiTraits traits, int point) => point switch
    {
        >= FirstTone and <= LastTone => traits with { Tone = (EmojiTone)(point - FirstTone + 1) },
        >= FirstHair and <= LastHair => traits with { Hair = (EmojiHair)(point - FirstHair + 1) },
        Man or MaleSign => traits with { Gender = EmojiGender.Man },
        Woman or FemaleSign => traits with { Gender = EmojiGender.Woman },
        RightArrow => traits with { FacesRight = true },
        _ => traits,
    };

    private static bool IsTone(int point) => point is >= FirstTone and <= LastTone;

    private static bool IsBody(int point) => point is Man or Woman or Person;

    private static bool IsSign(int point) => point is FemaleSign or MaleSign or RightArrow or (>= FirstHair and <= LastHair);

    private static string Join(IEnumerable<int> points) => string.Join('-', points.Select(point => point.ToString("X", CultureInfo.InvariantCulture)));
}
