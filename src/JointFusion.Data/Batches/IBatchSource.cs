namespace JointFusion.Data;

/// <summary>One rank's batches: pure in (seed, stage, step), built ahead on threads of their own.</summary>
public interface IBatchSource : IDisposable
{
    /// <summary>The share of step <paramref name="step"/> (counted over the whole run from 1). Steps are asked for in ascending order.</summary>
    PairBatch Next(int step);
}
