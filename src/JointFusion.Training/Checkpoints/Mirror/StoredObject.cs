namespace JointFusion.Training;

/// <summary>An object as storage lists it.</summary>
/// <param name="Name">Within the place that was listed.</param>
internal sealed record StoredObject(string Name, long Bytes, DateTimeOffset WrittenAt);
