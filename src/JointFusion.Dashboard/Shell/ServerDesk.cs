namespace JointFusion.Dashboard;

/// <summary>What pages may ask of whoever serves them.</summary>
/// <param name="Desk">Null: no experiments are taken, as below <c>jf run</c> and <c>jf play</c>.</param>
/// <param name="Retrievers">Null: none answers, as below <c>jf run</c>.</param>
internal sealed record ServerDesk(IExperimentDesk? Desk, IRetrievers? Retrievers);
