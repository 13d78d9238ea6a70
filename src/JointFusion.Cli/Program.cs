using JointFusion.Cli;

return await JointFusionCommand.RunAsync(args, CliContext.ForProcess(new DataCatalog()));
