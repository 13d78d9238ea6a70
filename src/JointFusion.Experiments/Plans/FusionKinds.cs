namespace JointFusion.Experiments;

/// <summary>What the kinds of fusion have in common.</summary>
public static class FusionKinds
{
    /// <summary>Whether pictures and texts go through one tower of the same weights, rather than each through its own.</summary>
    public static bool HasOneTower(this Fusion fusion) => fusion is Fusion.Early or Fusion.Isolated;
}
