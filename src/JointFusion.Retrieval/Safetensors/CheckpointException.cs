namespace JointFusion.Retrieval;

/// <summary>A checkpoint, its mirror, an exported retriever, or a tensor file that cannot be used or written. The message names the file and the cause.</summary>
public sealed class CheckpointException(string path, string cause, Exception? inner = null) : Exception($"{path}: {cause}", inner)
{
    /// <summary>The file or folder at fault; <c>s3://...</c> where it is in storage.</summary>
    public string Path { get; } = path;

    /// <summary>The message without the path.</summary>
    public string Cause { get; } = cause;
}
