using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>The pictures and texts behind the ids of a data set, for showing.</summary>
public interface IItemCatalog
{
    /// <summary>Null where the data set has no such candidate.</summary>
    ItemView? Candidate(string did);

    /// <summary>Null where the data set has no such query.</summary>
    QueryView? Query(string queryId);
}

/// <summary>One item as a reader sees it; a part that it does not have is null.</summary>
public sealed record ItemView(string? Text, ItemPicture? Picture);

/// <param name="Wanted">Ids of the relevant candidates.</param>
public sealed record QueryView(ItemView Item, ImmutableArray<string> Wanted);

/// <param name="MediaType">Such as image/png.</param>
/// <param name="Bytes">The encoded file, small enough to embed some hundred of its kind in one page.</param>
public sealed record ItemPicture(string MediaType, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The picture itself as an address.</summary>
    public string DataUri => $"data:{MediaType};base64,{Convert.ToBase64String(Bytes.Span)}";
}
