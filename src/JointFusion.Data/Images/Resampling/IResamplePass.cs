namespace JointFusion.Data;

/// <summary>The two passes over one picture.</summary>
internal interface IResamplePass
{
    /// <summary>Rows of the source to the wanted columns.</summary>
    /// <param name="strip">Whole rows, one behind the other.</param>
    /// <param name="length">Of each, in bytes.</param>
    /// <param name="first">Where the first goes.</param>
    void Narrow(ReadOnlySpan<byte> strip, int length, PaddedRows narrowed, int first);

    /// <summary>One row of the result from several.</summary>
    /// <param name="first">The first of the rows that <paramref name="weights"/> weigh; those beyond the last have weight 0.</param>
    void Join(PaddedRows rows, int first, ReadOnlySpan<int> weights, Span<byte> result);
}
