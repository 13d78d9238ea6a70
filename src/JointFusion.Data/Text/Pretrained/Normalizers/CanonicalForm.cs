using System.Text;

namespace JointFusion.Data;

/// <summary>Unicode's normalisation form C: decompose, order the marks, compose.</summary>
/// <remarks>UAX #15; Hangul by arithmetic, The Unicode Standard 3.12.</remarks>
internal static class CanonicalForm
{
    private const int SyllableBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7;
    private const int Leads = 19, Vowels = 21, Tails = 28, Syllables = Leads * Vowels * Tails;

    /// <summary>Nothing below it is changed by form C.</summary>
    private const char FirstAffected = '\u0300';

    public static string Compose(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange(FirstAffected, char.MaxValue)) return text;

        var codes = new List<int>(text.Length + 8);
        foreach (var rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, codes);
        }

        Order(codes);
        var composed = new StringBuilder(text.Length);
        foreach (var code in Compose(codes))
        {
            composed.Append(new Rune(code).ToString());
        }

        return composed.ToString();
    }

    private static void Decompose(int code, List<int> codes)
    {
        var syllable = code - SyllableBase;
        if (syllable is >= 0 and < Syllables)
        {
            codes.Add(LeadBase + (syllable / (Vowels * Tails)));
            codes.Add(VowelBase + (syllable % (Vowels * Tails) / Tails));
            if (syllable % Tails != 0) codes.Add(TailBase + (syllable % Tails));
        }
        else if (CanonicalTables.Instance.Decompose(code) is { } parts)
        {
            foreach (var part in parts)
            {
                Decompose(part, codes);
            }
        }
        else
        {
            codes.Add(code);
        }
    }

    /// <summary>Marks between two beginnings by their class, equals as they stood.</summary>
    private static void Order(List<int> codes)
    {
        for (var i = 1; i < codes.Count; i++)
        {
            var own = CanonicalTables.Instance.ClassOf(codes[i]);
            for (var j = i; own != 0 && j > 0 && CanonicalTables.Instance.ClassOf(codes[j - 1]) > own; j--)
            {
                (codes[j - 1], codes[j]) = (codes[j], codes[j - 1]);
            }
        }
    }

    private static List<int> Compose(List<int> codes)
    {
        var composed = new List<int>(codes.Count);
        var starter = -1;
        var last = 0; // Class of what stands between the starter and the next character; what is blocked by it is not composed.
        foreach (var code in codes)
        {
            var own = CanonicalTables.Instance.ClassOf(code);
            var adjacent = starter == composed.Count - 1;
            if (starter >= 0 && (adjacent || (last != 0 && last < own)) && TryJoin(composed[starter], code, out var joined))
            {
                composed[starter] = joined;
                continue;
            }

            if (own == 0) starter = composed.Count;
            last = own;
            composed.Add(code);
        }

        return composed;
    }

    private static bool TryJoin(int first, int second, out int joined)
    {
        if (first - LeadBase is >= 0 and < Leads && second - VowelBase is >= 0 and < Vowels)
        {
            joined = SyllableBase + ((((first - LeadBase) * Vowels) + second - VowelBase) * Tails);
            return true;
        }

        if (first - SyllableBase is >= 0 and < Syllables && (first - SyllableBase) % Tails == 0 && second - TailBase is > 0 and < Tails)
        {
            joined = first + second - TailBase;
            return true;
        }

        return CanonicalTables.Instance.TryCompose(first, second, out joined);
    }
}
