namespace JointFusion.Experiments;

/// <summary>A config.json that is missing, cannot be read, or describes no model that is known here.</summary>
public sealed class BackboneConfigException(string path, string cause, Exception? inner = null) : Exception($"{path}: {cause}", inner)
{
    public string Path { get; } = path;

    /// <summary>The message without the path.</summary>
    public string Cause { get; } = cause;
}
