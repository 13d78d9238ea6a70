namespace JointFusion.Orchestration;

/// <summary>Of the ActorSystem of every member: Akka joins none of another name.</summary>
internal static class ClusterName
{
    public const string Value = "jointfusion";
}
