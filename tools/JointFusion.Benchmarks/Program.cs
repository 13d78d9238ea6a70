using System.CommandLine;
using JointFusion.Benchmarks;

var root = new RootCommand("How close JointFusion runs to the limits of this machine: code and limit in turns, as a markdown table.")
{
    StepBenchmark.Command(),
    StepExchangeBenchmark.Command(),
    GpuStepBenchmark.Command(),
    GpuBackboneBenchmark.Command(),
    AllReduceBenchmark.Command(),
    CheckpointBenchmark.Command(),
    DecisionBenchmark.Command(),
    ImageBenchmark.Command(),
    GridBenchmark.Command(),
    StepRank.Command(),
    OwnLoader.Command(),
    RankProcess.Command(),
};
return await root.Parse(args).InvokeAsync();
