using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>One query, what was wanted, and what each retriever returned (local pool, the query's own picture left out).</summary>
public sealed record RetrievalExample(
    string QueryId, string Split, int Task, string Operation, ItemView Query, ImmutableArray<ReturnedItem> Wanted, ImmutableArray<ReturnedList> Lists);

/// <param name="Rank">Of the first relevant candidate; null where it is beyond the largest k evaluated.</param>
public sealed record ReturnedList(string Run, string Fusion, int? Rank, ImmutableArray<ReturnedItem> Items);

/// <param name="Item">Null where the catalog does not know the id.</param>
/// <param name="Hit">Whether it is relevant.</param>
public sealed record ReturnedItem(string Did, ItemView? Item, bool Hit);
