using System.Text;

namespace JointFusion.Dashboard;

/// <summary>All metrics of one run's metrics.jsonl, read as it grows, in bounded memory.</summary>
/// <remarks>
/// <code>
/// whole run         spans of the tracks, in memory
/// a short part      where the tracks hold spans of several steps: its lines again, found by the blocks
/// </code>
/// </remarks>
internal sealed class MetricFile(string path)
{
    /// <summary>A part of no more steps is read again, so that a chart that is looked into shows every one.</summary>
    private const int FewSteps = 1 << 14;

    /// <summary>Of the file: what a part is found by.</summary>
    private const int BlockBytes = 1 << 16;

    /// <summary>More than a run has, so that a file that is none of ours cannot fill the memory.</summary>
    private const int MostMetrics = 256;

    private readonly Lock gate = new();
    private readonly List<Metric> metrics = [];
    private readonly List<(MetricTrack Track, double Value)> values = [];
    private readonly List<Block> blocks = [];
    private long position;
    private int lastStep;

    /// <summary>As the file is now.</summary>
    /// <param name="limit">Of points of each metric.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public RunSeries Read(string run, IReadOnlyList<string> names, StepRange range, int limit)
    {
        lock (gate)
        {
            if (File.Exists(path))
                TakeUpToEnd();
            var part = range.UpTo(lastStep);
            var isWide = metrics.Exists(metric => metric.Track.Width > 1);
            var points = isWide && part.Length is > 0 and <= FewSteps ? ReadAgain(names, part) : [.. names.Select(name => Find(name)?.Track.Points(part) ?? [])];
            return new RunSeries(run, lastStep, [.. metrics.Select(metric => metric.Name)], [.. names.Zip(points, (name, curve) => Series(name, curve, limit))]);
        }
    }

    private static MetricSeries Series(string name, List<StepPoint> points, int limit)
    {
        var thinned = MetricTrack.Thinned(points, limit);
        return new MetricSeries(name, [.. thinned.Select(point => point.Step)], [.. thinned.Select(point => point.Value)]);
    }

    private Metric? Find(string name) => metrics.Find(metric => metric.Name == name);

    private void TakeUpToEnd()
    {
        if (new FileInfo(path).Length < position)
            Forget(); // Another file of this name.
        using var lines = new ByteLines(path, position);
        while (lines.Next(out var line))
        {
            var sink = new Taking(this);
            values.Clear();
            if (MetricLine.Read(line, ref sink) && sink.Step > 0)
                Take(sink.Step);
            position = lines.Position;
        }
    }

    private void Take(int step)
    {
        if (step <= lastStep)
            foreach (var metric in metrics)
                metric.Track.CutAt(step);
        foreach (var (track, value) in values)
            track.Add(new StepPoint(step, value));
        lastStep = step;
        if (blocks.Count == 0 || position - blocks[^1].Offset >= BlockBytes)
            blocks.Add(new Block(position, step, step));
        else
            blocks[^1] = blocks[^1] with { Least = Math.Min(blocks[^1].Least, step), Greatest = Math.Max(blocks[^1].Greatest, step) };
    }

    private void Forget()
    {
        metrics.Clear();
        blocks.Clear();
        (position, lastStep) = (0, 0);
    }

    /// <summary>Every step of a part: of one that was done twice, as it was the last time.</summary>
    private List<StepPoint>[] ReadAgain(IReadOnlyList<string> names, StepRange part)
    {
        var wanted = names.Select(Find).ToArray();
        List<StepPoint>[] points = [.. names.Select(_ => new List<StepPoint>())];
        var latest = 0;
        for (var i = 0; i < blocks.Count; i++)
        {
            if (blocks[i].Greatest < part.From || blocks[i].Least > part.To)
                continue;
            var end = i + 1 < blocks.Count ? blocks[i + 1].Offset : position;
            using var lines = new ByteLines(path, blocks[i].Offset);
            while (lines.Position < end && lines.Next(out var line))
            {
                var sink = new Choosing(wanted, new double?[wanted.Length]);
                if (!MetricLine.Read(line, ref sink) || !part.Has(sink.Step))
                    continue;
                if (sink.Step <= latest)
                    foreach (var curve in points)
                        curve.RemoveAll(point => point.Step >= sink.Step);
                latest = sink.Step;
                for (var k = 0; k < wanted.Length; k++)
                    if (sink.Values[k] is { } value)
                        points[k].Add(new StepPoint(latest, value));
            }
        }
        return points;
    }

    /// <summary>Lines mostly have the same numbers in the same order: the one that followed the last time is looked at first.</summary>
    private MetricTrack? TrackOf(ReadOnlySpan<byte> owner, ReadOnlySpan<byte> name, ref int next)
    {
        if (next >= metrics.Count || !metrics[next].Is(owner, name))
        {
            next = 0;
            while (next < metrics.Count && !metrics[next].Is(owner, name))
                next++;
            if (next == metrics.Count)
            {
                if (metrics.Count == MostMetrics)
                    return null;
                metrics.Add(new Metric(owner.ToArray(), name.ToArray(), new MetricTrack()));
            }
        }
        return metrics[next++].Track;
    }

    private sealed record Metric(byte[] Owner, byte[] Member, MetricTrack Track)
    {
        public string Name { get; } = Owner.Length == 0 ? Encoding.UTF8.GetString(Member) : $"{Encoding.UTF8.GetString(Owner)}.{Encoding.UTF8.GetString(Member)}";

        public bool Is(ReadOnlySpan<byte> owner, ReadOnlySpan<byte> name) => name.SequenceEqual(Member) && owner.SequenceEqual(Owner);
    }

    /// <param name="Offset">In the file; it ends where the next one begins.</param>
    private readonly record struct Block(long Offset, int Least, int Greatest);

    private struct Taking(MetricFile file) : IMetricSink
    {
        private int next;

        public int Step { get; private set; }

        public void Take(ReadOnlySpan<byte> owner, ReadOnlySpan<byte> name, double value)
        {
            if (owner.IsEmpty && name.SequenceEqual("step"u8))
                Step = (int)value;
            else if (!(owner.IsEmpty && name.SequenceEqual("generation"u8)) && file.TrackOf(owner, name, ref next) is { } track)
                file.values.Add((track, value));
        }
    }

    private struct Choosing(Metric?[] wanted, double?[] values) : IMetricSink
    {
        public int Step { get; private set; }

        public readonly double?[] Values => values;

        public void Take(ReadOnlySpan<byte> owner, ReadOnlySpan<byte> name, double value)
        {
            if (owner.IsEmpty && name.SequenceEqual("step"u8))
                Step = (int)value;
            for (var i = 0; i < wanted.Length; i++)
                if (wanted[i]?.Is(owner, name) == true)
                    values[i] = value;
        }
    }
}
