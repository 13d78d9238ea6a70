using System.CommandLine;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary><c>jf worker</c>: what a node agent starts, one a device. Not meant for people, so not shown in the help.</summary>
public sealed class WorkerVerb : Verb
{
    public const string Name = "worker";
    public const string SocketOption = "--socket";
    public const string AddressOption = "--address";
    public const string ThreadsOption = "--threads";

    public override IReadOnlyList<Example> Examples => [];

    protected override Command Declare()
    {
        var socket = new Option<string>(SocketOption) { Description = "The agent's socket.", Required = true };
        var address = new Option<string>(AddressOption) { Description = "Where ranks on other machines reach those of this process.", DefaultValueFactory = _ => "127.0.0.1" };
        var threads = new Option<int?>(ThreadsOption) { Description = "To compute with. Default: what each run's plan says." };
        var command = new Command(Name, "Run replicas for the agent that started this process.") { socket, address, threads };
        command.Hidden = true;
        command.SetAction(parsed => WorkerProcess.Run(parsed.GetRequiredValue(socket), new TrainingReplica(parsed.GetValue(address)!, parsed.GetValue(threads))));
        return command;
    }
}
