using System.Text.Json.Serialization;

namespace JointFusion.Orchestration;

/// <summary>Server to query worker.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Ask), "ask")]
[JsonDerivedType(typeof(Leave), "leave")]
public abstract record QueryMessage
{
    /// <param name="Id">Of the question; its answer carries it.</param>
    public sealed record Ask(long Id, RetrieverQuery Query) : QueryMessage;

    public sealed record Leave : QueryMessage;
}

/// <summary>Query worker to server.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Doing), "doing")]
[JsonDerivedType(typeof(Found), "found")]
[JsonDerivedType(typeof(Refused), "refused")]
public abstract record QueryReply(long Id)
{
    /// <summary>The only one that may be left out when the link lags.</summary>
    public sealed record Doing(long Id, QueryProgress Progress) : QueryReply(Id);

    public sealed record Found(long Id, RetrieverAnswer Answer) : QueryReply(Id);

    /// <param name="Reason">For the asker: the cause and the way out.</param>
    public sealed record Refused(long Id, string Reason) : QueryReply(Id);
}
