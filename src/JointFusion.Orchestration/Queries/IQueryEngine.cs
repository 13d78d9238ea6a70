namespace JointFusion.Orchestration;

/// <summary>What a query worker asks with: implemented by the composition root over retrievers. Called from one thread.</summary>
public interface IQueryEngine : IDisposable
{
    /// <exception cref="QueryRefusedException">It cannot be answered as it was asked.</exception>
    RetrieverAnswer Answer(RetrieverQuery query, Action<QueryProgress> progress);
}

/// <summary>A question was not answered; the message says why, and the way out.</summary>
public sealed class QueryRefusedException(string message, Exception? inner = null) : Exception(message, inner);
