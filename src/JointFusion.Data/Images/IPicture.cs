namespace JointFusion.Data;

/// <summary>A picture file that is being decoded.</summary>
internal interface IPicture : IRowSource, IDisposable;
