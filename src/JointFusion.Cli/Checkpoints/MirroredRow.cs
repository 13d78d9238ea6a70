using System.Collections.Immutable;
using JointFusion.Experiments;
using JointFusion.Training;

namespace JointFusion.Cli;

/// <summary>What <c>jf checkpoint ls</c> says of one checkpoint in the mirror.</summary>
/// <param name="Bytes">Of all its objects.</param>
/// <param name="Whole">Its manifest is there, which is copied last; nothing is read for that.</param>
internal sealed record MirroredRow(string Run, int Step, long Bytes, DateTimeOffset WrittenAt, bool Whole)
{
    /// <summary>By run, newest first.</summary>
    /// <param name="address">Of an experiment in the mirror.</param>
    /// <exception cref="BadInputException">It is no address.</exception>
    public static ImmutableArray<MirroredRow> List(string address)
    {
        using var experiment = new MirroredExperiment(Address(address));
        return [.. experiment.List(CancellationToken.None).Select(found => new MirroredRow(found.Run, found.Step, found.Bytes, found.WrittenAt, found.Whole))];
    }

    /// <exception cref="BadInputException">It is none, or of a bucket alone.</exception>
    public static StorageAddress Address(string text) => StorageAddress.Parse(text) is { Prefix.Length: > 0 } address
        ? address
        : throw new BadInputException($"{text}: not an experiment's place in storage. Give s3://BUCKET/PREFIX/EXPERIMENT: checkpoints.mirror of its spec, and the name of its folder below runs/.");
}
