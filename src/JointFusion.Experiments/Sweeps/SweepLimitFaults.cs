namespace JointFusion.Experiments;

/// <summary>What is wrong with where a sweep ends, and with the rungs at which runs of it do.</summary>
internal static class SweepLimitFaults
{
    private const string Limits = "sweep.limits", Asha = "sweep.asha", MinSteps = "sweep.asha.min_steps", AllRungs = "sweep.asha.rungs";

    public static IEnumerable<SpecFault> Of(SweepSpec sweep, SpecBinder binder)
    {
        if (sweep.Limits is { Runs: null, DeviceHours: null } && !binder.IsFaulty(Limits))
            yield return Fault(binder, Limits, "neither runs nor device_hours; leave it out for no limit");
        if (sweep.Limits?.Runs < 1)
            yield return Fault(binder, $"{Limits}.runs", $"{sweep.Limits.Runs} is not allowed; at least 1");
        if (sweep.Limits?.DeviceHours <= 0)
            yield return Fault(binder, $"{Limits}.device_hours", $"{sweep.Limits.DeviceHours} is not allowed; a number above 0");
        if (sweep.Asha is not { } asha)
            yield break;

        if (asha.MinSteps is null == asha.Rungs is null && !binder.IsFaulty(Asha))
            yield return Fault(binder, Asha, "give either min_steps, the first rung's, or rungs, the steps of all");
        if (asha.MinSteps < 1)
            yield return Fault(binder, MinSteps, $"{asha.MinSteps} is not allowed; at least 1");
        if (asha.Reduction < 2)
            yield return Fault(binder, $"{Asha}.reduction", $"{asha.Reduction} is not allowed; at least 2, since one of so many is promoted");
        if (asha.Rungs is { IsEmpty: true } && !binder.IsFaulty(AllRungs))
            yield return Fault(binder, AllRungs, "an empty list; give the steps of at least one rung");
        for (var i = 0; i < asha.Rungs?.Length; i++)
            if (!binder.IsFaulty(AllRungs) && asha.Rungs.Value[i] <= (i == 0 ? 0 : asha.Rungs.Value[i - 1]))
                yield return binder.FaultAt($"{AllRungs}[{i}]", AllRungs, $"{asha.Rungs.Value[i]} is not above {(i == 0 ? 0 : asha.Rungs.Value[i - 1])}; rungs ascend");
    }

    /// <summary>A rung that no run goes beyond ends nothing early.</summary>
    public static IEnumerable<SpecFault> Rungs(SweepSpec sweep, IEnumerable<SweepPoint> points, SpecBinder binder)
    {
        if (sweep.Asha is not { } asha)
            yield break;
        var longest = points.Max(point => point.Spec.Stages.Sum(stage => (long)stage.Steps));
        if (asha.MinSteps >= longest)
            yield return Fault(binder, MinSteps, $"{asha.MinSteps} is not below {longest}, the steps of the longest run: no run would come to a rung before its end");
        for (var i = 0; i < asha.Rungs?.Length; i++)
            if (asha.Rungs.Value[i] >= longest)
                yield return binder.FaultAt($"{AllRungs}[{i}]", AllRungs, $"{asha.Rungs.Value[i]} is not below {longest}, the steps of the longest run: no run would come to it before its end");
    }

    private static SpecFault Fault(SpecBinder binder, string path, string message) => binder.FaultAt(path, path, message);
}
