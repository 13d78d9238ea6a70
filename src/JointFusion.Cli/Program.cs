using JointFusion.Cli;

// A plan is over before compiled regular expressions and emitted accessors would have paid for themselves: interpreted, it starts in nine tenths of the time.
if (args is ["plan", ..])
    AppContext.SetSwitch("System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeSupported", false);

return await JointFusionCommand.RunAsync(args, CliContext.ForProcess(new DataCatalog()));
