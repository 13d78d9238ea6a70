using System.CommandLine;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary><c>jf query-worker</c>: what a server starts to answer the playground. Not meant for people, so not shown in the help.</summary>
public sealed class QueryWorkerVerb : Verb
{
    public const string Name = "query-worker";

    public override IReadOnlyList<Example> Examples => [];

    protected override Command Declare()
    {
        var socket = new Option<string>(WorkerVerb.SocketOption) { Description = "The server's socket.", Required = true };
        var command = new Command(Name, "Answer queries with trained retrievers for the server that started this process.") { socket };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            using var queries = new RetrieverQueries(Console.Error);
            QueryProcess.Run(parsed.GetRequiredValue(socket), queries);
        });
        return command;
    }
}
