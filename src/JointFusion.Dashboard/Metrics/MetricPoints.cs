namespace JointFusion.Dashboard;

/// <summary>What a live page keeps of the steps in a metrics.jsonl, one after another: of a thousand runs, when a server starts.</summary>
internal static class MetricPoints
{
    /// <summary>In the order of the file: a step that was done twice comes twice. Lines that are none, such as one torn by a crash, are passed over.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IEnumerable<MetricPoint> Read(string path)
    {
        if (!File.Exists(path))
            yield break;
        using var lines = new ByteLines(path, 0);
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
