namespace JointFusion.Data;

/// <summary>Cuts at the matches of a pattern, or, inverted, at what lies between them.</summary>
internal sealed class SplitPreTokenizer(TextPattern pattern, SplitBehavior behavior, bool invert) : IPreTokenizer
{
    public IEnumerable<TextPiece> Split(TextPiece piece) =>
        Merge(Cut(piece.Text), behavior).Select(part => piece.Part(part.Start, part.End - part.Start));

    private static IEnumerable<Segment> Merge(List<Segment> segments, SplitBehavior behavior) => behavior switch
    {
        SplitBehavior.Removed => segments.Where(segment => !segment.IsMatch),
        SplitBehavior.MergedWithPrevious => Join(segments, (before, next) => next.IsMatch && !before.IsMatch),
        SplitBehavior.MergedWithNext => Join(segments, (before, next) => before.IsMatch && !next.IsMatch),
        SplitBehavior.Contiguous => Join(segments, (before, next) => next.IsMatch == before.IsMatch),
        _ => segments,
    };

    private static List<Segment> Join(List<Segment> segments, Func<Segment, Segment, bool> belong)
    {
        var joined = new List<Segment>();
        for (var i = 0; i < segments.Count; i++)
        {
            if (i > 0 && belong(segments[i - 1], segments[i]))
                joined[^1] = joined[^1] with { End = segments[i].End };
            else
                joined.Add(segments[i]);
        }

        return joined;
    }

    private List<Segment> Cut(string text)
    {
        var segments = new List<Segment>();
        var rest = 0;
        foreach (var (start, length) in pattern.Matches(text))
        {
            if (start > rest) segments.Add(new Segment(rest, start, invert));
            segments.Add(new Segment(start, start + length, !invert));
            rest = start + length;
        }

        if (rest < text.Length) segments.Add(new Segment(rest, text.Length, invert));
        return segments;
    }

    private readonly record struct Segment(int Start, int End, bool IsMatch);
}
