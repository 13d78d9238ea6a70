namespace JointFusion.Data;

/// <summary>The data on disk cannot be used as it is. The message names the file, the cause and the way out.</summary>
public sealed class DataException : Exception
{
    public DataException(string message)
        : base(message)
    {
    }

    public DataException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
