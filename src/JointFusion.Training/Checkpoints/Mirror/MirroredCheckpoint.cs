using System.Collections.Immutable;

namespace JointFusion.Training;

/// <summary>A checkpoint as an experiment's mirror lists it.</summary>
/// <param name="Bytes">Of all its objects.</param>
/// <param name="WrittenAt">When its newest object was.</param>
/// <param name="Whole">Its manifest is there, which is copied last; what its files hold is only known once they are pulled.</param>
/// <param name="Names">Of its objects, within the experiment's place.</param>
public sealed record MirroredCheckpoint(string Run, int Step, long Bytes, DateTimeOffset WrittenAt, bool Whole, ImmutableArray<string> Names);
