namespace JointFusion.Training;

/// <summary>A checkpoint, an exported retriever, or a tensor file that cannot be used or written. The message names the file and the cause.</summary>
public sealed class CheckpointException(string path, string cause, Exception? inner = null) : Exception($"{path}: {cause}", inner)
{
    /// <summary>The file or folder at fault.</summary>
    public string Path { get; } = path;

    /// <summary>The message without the path.</summary>
    public string Cause { get; } = cause;
}
