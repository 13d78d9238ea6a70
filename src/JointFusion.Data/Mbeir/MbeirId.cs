using System.Globalization;

namespace JointFusion.Data;

/// <summary>Ids of queries and candidates: <c>data set:number</c>.</summary>
internal static class MbeirId
{
    /// <summary>The data set's id; null when the text is not such an id.</summary>
    public static int? DataSet(string id)
    {
        var colon = id.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && int.TryParse(id.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var dataSet) ? dataSet : null;
    }
}
