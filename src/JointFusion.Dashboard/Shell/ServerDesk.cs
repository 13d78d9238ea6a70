namespace JointFusion.Dashboard;

/// <summary>What pages may ask of the server behind them.</summary>
/// <param name="Desk">Null: <c>jf run</c> serves them, and there is nothing to ask.</param>
internal sealed record ServerDesk(IExperimentDesk? Desk)
{
    /// <summary>Null with <see cref="Desk"/>.</summary>
    public IRetrievers? Retrievers => Desk?.Retrievers;
}
