namespace JointFusion.Cli;

/// <summary>The machines of a drill's cluster: one for the server, others for agents.</summary>
internal interface IMachines : IAsyncDisposable
{
    Machine Server { get; }

    /// <summary>Makes it at the first call.</summary>
    Task<Machine> AgentAsync(string name);

    /// <summary>Nothing passes from and to it any more, and no connection of its is told so.</summary>
    Task CutAsync(Machine machine);

    Task RestoreAsync(Machine machine);
}
