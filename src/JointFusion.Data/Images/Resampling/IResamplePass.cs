namespace JointFusion.Data;

/// <summary>The two passes over one picture.</summary>
internal interface IResamplePass
{
    /// <summary>One row of the source to the wanted columns.</summary>
    /// <param name="narrowed">Longer than the wanted columns by at least 4 bytes, which are free to be written to.</param>
    void Narrow(ReadOnlySpan<byte> row, Span<byte> narrowed);

    /// <summary>One row of the result from several.</summary>
    /// <param name="first">The first of the rows that <paramref name="weights"/> weigh; those beyond the last have weight 0.</param>
    void Join(PaddedRows rows, int first, ReadOnlySpan<int> weights, Span<byte> result);
}
