using System.Globalization;

namespace JointFusion.Orchestration;

/// <summary>One worker's place in the cluster.</summary>
/// <param name="Slot">From 0, within the node.</param>
public sealed record SlotAddress(string Node, int Slot)
{
    /// <summary>Such as <c>local/1</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Node}/{Slot}");
}
