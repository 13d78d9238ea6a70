using JointFusion.Data;

namespace JointFusion.Retrieval;

/// <summary>Places of the global batch's logits that are right answers and must not be trained against: listed, never a dense mask.</summary>
internal static class FalseNegatives
{
    /// <summary>Places (local row, candidate) where the candidate is a positive of the row's query, yet not the row's own.</summary>
    public static IEnumerable<(int Row, int Column)> Candidates(BatchLayout layout)
    {
        var columns = layout.Candidates
            .Select((candidate, column) => (candidate, column))
            .ToLookup(place => place.candidate, place => place.column);
        return
            from row in Enumerable.Range(0, layout.Local.Count)
            let global = layout.Local.First + row
            from positive in layout.Positives[global]
            from column in columns[positive]
            where column != layout.Targets[global]
            select (row, column);
    }

    /// <returns>By local row, how many of the places are its.</returns>
    public static int[] OfRow(IEnumerable<(int Row, int Column)> places, int rows)
    {
        var counts = new int[rows];
        foreach (var (row, _) in places)
            counts[row]++;
        return counts;
    }

    /// <summary>Places (local row, query) where the row's candidate is a positive of another row's query.</summary>
    public static IEnumerable<(int Row, int Column)> Queries(BatchLayout layout)
    {
        var queries = layout.Positives
            .SelectMany((positives, query) => positives.Select(candidate => (candidate, query)))
            .ToLookup(place => place.candidate, place => place.query);
        return
            from row in Enumerable.Range(0, layout.Local.Count)
            let global = layout.Local.First + row
            from query in queries[layout.Candidates[layout.Targets[global]]]
            where query != global
            select (row, query);
    }
}
