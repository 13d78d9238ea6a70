namespace JointFusion.Dashboard;

/// <summary>What a live page keeps of the steps in a metrics.jsonl, one after another.</summary>
internal static class MetricPoints
{
    /// <summary>Some dozens of lines: enough for the latest step and the pace.</summary>
    private const int EndBytes = 1 << 16;

    /// <summary>In the order of the file: a step that was done twice comes twice. Lines that are none, such as one torn by a crash, are passed over.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IEnumerable<MetricPoint> Read(string path)
    {
        if (!File.Exists(path))
            yield break;
        foreach (var point in From(path, 0))
            yield return point;
    }

    /// <summary>The latest of them, read from the end of the file: as fast for a long one as for a short one, for a server that starts over a thousand runs.</summary>
    /// <param name="isAll">There are no others.</param>
    /// <inheritdoc cref="Read" path="/exception"/>
    public static IReadOnlyList<MetricPoint> ReadEnd(string path, out bool isAll)
    {
        var from = File.Exists(path) ? new FileInfo(path).Length - EndBytes : 0;
        isAll = from <= 0;
        // Where it begins in the middle of a line, what is left of that is no line, and passed over.
        return isAll ? [.. Read(path)] : [.. From(path, from)];
    }

    private static IEnumerable<MetricPoint> From(string path, long position)
    {
        using var lines = new ByteLines(path, position);
        while (TryNext(lines, out var point))
            if (point.Step > 0)
                yield return point;
    }

    /// <param name="point">Of step 0 where the line is none.</param>
    private static bool TryNext(ByteLines lines, out MetricPoint point)
    {
        point = default;
        if (!lines.Next(out var line))
            return false;
        var sink = new Picking();
        if (MetricLine.Read(line, ref sink))
            point = sink.Point;
        return true;
    }

    private struct Picking : IMetricSink
    {
        private int step;
        private double loss, accuracy, norm, rate, pairs, seconds;
        private double? margin, queries, candidates, mfu;

        public readonly MetricPoint Point => new(step, loss, accuracy, norm, rate, pairs, seconds, margin, queries is { } one && candidates is { } other ? Math.Min(one, other) : null, mfu);

        public void Take(ReadOnlySpan<byte> owner, ReadOnlySpan<byte> name, double value)
        {
            if (owner.SequenceEqual("seconds"u8) && name.SequenceEqual("total"u8))
                seconds = value;
            if (!owner.IsEmpty)
                return;
            if (name.SequenceEqual("step"u8))
                step = (int)value;
            else if (name.SequenceEqual("loss"u8))
                loss = value;
            else if (name.SequenceEqual("accuracy"u8))
                accuracy = value;
            else if (name.SequenceEqual("gradient_norm"u8))
                norm = value;
            else if (name.SequenceEqual("learning_rate"u8))
                rate = value;
            else if (name.SequenceEqual("pairs_per_second"u8))
                pairs = value;
            else if (name.SequenceEqual("margin"u8))
                margin = value;
            else if (name.SequenceEqual("query_spread"u8))
                queries = value;
            else if (name.SequenceEqual("candidate_spread"u8))
                candidates = value;
            else if (name.SequenceEqual("mfu"u8))
                mfu = value;
        }
    }
}
