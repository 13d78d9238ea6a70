using JointFusion.Experiments;

namespace JointFusion.Benchmarks;

/// <summary>What one rank of a measured group of processes does. Made before the peers are known, joined when they are.</summary>
internal interface IRankWork : IDisposable
{
    /// <summary>For the other ranks.</summary>
    string Endpoint { get; }

    void Join(RankAssignment assignment);

    /// <summary>Not measured; no rank begins a call before all are there.</summary>
    void Barrier();

    /// <summary>What is measured.</summary>
    void Call(Span<float> buffer);

    /// <summary>Throws if a call with ones on each rank has not left what it should.</summary>
    void Check(Span<float> buffer);
}
