using System.CommandLine;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary><c>jf worker</c>: what a node agent starts, one a device. Not meant for people, so not shown in the help.</summary>
public sealed class WorkerVerb : Verb
{
    public const string Name = "worker";
    public const string SocketOption = "--socket";

    public override IReadOnlyList<Example> Examples => [];

    protected override Command Declare()
    {
        var socket = new Option<string>(SocketOption) { Description = "The agent's socket.", Required = true };
        var command = new Command(Name, "Run replicas for the agent that started this process.") { socket };
        command.Hidden = true;
        command.SetAction(parsed => WorkerProcess.Run(parsed.GetRequiredValue(socket), new TrainingReplica()));
        return command;
    }
}
