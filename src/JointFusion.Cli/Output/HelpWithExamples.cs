using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace JointFusion.Cli;

/// <summary>The library's help text, then the verb's examples and remarks.</summary>
internal sealed class HelpWithExamples(HelpAction standard, IReadOnlyList<Example> examples, string remarks) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        var code = standard.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        if (examples.Count > 0)
            output.WriteLine("Examples:");
        var width = examples.Select(example => example.CommandLine.Length).DefaultIfEmpty().Max();
        foreach (var example in examples)
            output.WriteLine($"  {example.CommandLine.PadRight(width)}  {example.Purpose}");
        if (remarks.Length > 0)
            output.WriteLine($"\n{remarks}");
        return code;
    }
}
