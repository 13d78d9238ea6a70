namespace JointFusion.Cli;

/// <summary>All on this machine's loopback address, where no network namespaces can be made: none can be cut off.</summary>
internal sealed class LoopbackMachines : IMachines
{
    private const string Address = "127.0.0.1";

    public Machine Server { get; } = new("server", Address, []);

    public Task<Machine> AgentAsync(string name) => Task.FromResult(new Machine(name, Address, []));

    public Task CutAsync(Machine machine) => throw new NotSupportedException("Loopback has no links to cut.");

    public Task RestoreAsync(Machine machine) => throw new NotSupportedException("Loopback has no links to restore.");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
