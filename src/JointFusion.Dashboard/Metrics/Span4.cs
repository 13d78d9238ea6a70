namespace JointFusion.Dashboard;

/// <summary>Points of a span of steps that stand for all of them: drawn as lines they cover the same pixels (M4 of Jugel et al. 2014, "M4: A Visualization-Oriented Time Series Data Aggregation").</summary>
internal struct Span4(StepPoint point)
{
    public StepPoint First { get; private set; } = point;
    public StepPoint Least { get; private set; } = point;
    public StepPoint Greatest { get; private set; } = point;
    public StepPoint Last { get; private set; } = point;

    /// <param name="point">Of a later step.</param>
    public void Add(StepPoint point)
    {
        Last = point;
        if (point.Value < Least.Value)
            Least = point;
        if (point.Value > Greatest.Value)
            Greatest = point;
    }

    /// <param name="next">The span after it.</param>
    public void Add(in Span4 next)
    {
        Last = next.Last;
        if (next.Least.Value < Least.Value)
            Least = next.Least;
        if (next.Greatest.Value > Greatest.Value)
            Greatest = next.Greatest;
    }

    /// <summary>Steps from this one on did not count: what stands for them is let go of. The first is from before.</summary>
    public void CutAt(int step)
    {
        if (Least.Step >= step)
            Least = First;
        if (Greatest.Step >= step)
            Greatest = First;
        if (Last.Step >= step)
            Last = Least.Step > Greatest.Step ? Least : Greatest;
    }

    /// <summary>By step, each once.</summary>
    public readonly void AddTo(List<StepPoint> points)
    {
        points.Add(First);
        var (earlier, later) = Least.Step <= Greatest.Step ? (Least, Greatest) : (Greatest, Least);
        foreach (var point in (ReadOnlySpan<StepPoint>)[earlier, later, Last])
            if (point.Step > points[^1].Step)
                points.Add(point);
    }
}
