using System.Diagnostics;
using System.Globalization;

namespace JointFusion.Cli;

/// <summary>Network namespaces with one link each to the server's, which is this process's own and passes on what they say to each other.</summary>
/// <remarks>
/// <code>
/// server 10.77.0.1 on lo
///   jf-a 10.77.1.1 --- 10.77.1.2 eth0 of agent a
///   jf-b 10.77.2.1 --- 10.77.2.2 eth0 of agent b
/// </code>
/// Needs a network namespace that is this process's alone: see <see cref="OwnNamespaces"/>.
/// </remarks>
internal sealed class NamespaceMachines : IMachines
{
    private const string ServerAddress = "10.77.0.1";

    private readonly Dictionary<string, (Machine Machine, Process Holder)> agents = [];

    private NamespaceMachines()
    {
    }

    public Machine Server { get; } = new("server", ServerAddress, []);

    public static async Task<NamespaceMachines> CreateAsync()
    {
        await SystemCommand.RunAsync("ip", "link", "set", "lo", "up");
        await SystemCommand.RunAsync("ip", "address", "add", $"{ServerAddress}/32", "dev", "lo");
        await File.WriteAllTextAsync("/proc/sys/net/ipv4/ip_forward", "1"); // Of this namespace alone.
        return new NamespaceMachines();
    }

    public async Task<Machine> AgentAsync(string name)
    {
        if (agents.TryGetValue(name, out var known))
            return known.Machine;
        var net = string.Create(CultureInfo.InvariantCulture, $"10.77.{agents.Count + 1}");
        // A namespace lives as long as a process in it.
        var holder = Process.Start(new ProcessStartInfo("unshare", ["--net", "sleep", "infinity"]) { UseShellExecute = false })!;
        var machine = new Machine(name, $"{net}.2", ["nsenter", string.Create(CultureInfo.InvariantCulture, $"--net=/proc/{holder.Id}/ns/net"), "--"]);
        agents.Add(name, (machine, holder));
        await EnteredAsync(holder.Id);
        await SystemCommand.RunAsync("ip", "link", "add", Link(machine), "type", "veth", "peer", "name", "eth0", "netns", holder.Id.ToString(CultureInfo.InvariantCulture));
        await SystemCommand.RunAsync("ip", "address", "add", $"{net}.1/30", "dev", Link(machine));
        await RestoreAsync(machine);
        foreach (var command in (string[])["link set lo up", $"address add {machine.Address}/30 dev eth0", "link set eth0 up", $"route add default via {net}.1"])
            await SystemCommand.RunAsync(machine.Enter[0], [.. machine.Enter[1..], "ip", .. command.Split(' ')]);
        return machine;
    }

    public Task CutAsync(Machine machine) => SystemCommand.RunAsync("ip", "link", "set", Link(machine), "down");

    public Task RestoreAsync(Machine machine) => SystemCommand.RunAsync("ip", "link", "set", Link(machine), "up");

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, holder) in agents.Values)
        {
            holder.Kill();
            await holder.WaitForExitAsync();
            holder.Dispose();
        }
    }

    private static string Link(Machine machine) => $"jf-{machine.Name}";

    /// <summary>Until it has left this process's namespace for its own.</summary>
    private static async Task EnteredAsync(int holder)
    {
        var own = File.ResolveLinkTarget("/proc/self/ns/net", returnFinalTarget: false)!.Name;
        while (File.ResolveLinkTarget($"/proc/{holder}/ns/net", returnFinalTarget: false)!.Name == own)
            await Task.Delay(10);
    }
}
