using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;
using TorchSharp;
using static TorchSharp.torch;
using Device = JointFusion.Experiments.Device;

namespace JointFusion.Benchmarks;

/// <summary>One worker of the step benchmark: the parts of a training step, on orders from standard input.</summary>
/// <remarks>
/// <code>
///   this process -> its endpoint
///   endpoints of all ranks, parted by tabs -> this process
///   steps N  -> milliseconds a step
///   matmul   -> GFLOP/s of large products
///   the end of input
/// </code>
/// </remarks>
internal static class StepRank
{
    public const string Verb = "step-rank";

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(60);

    public static Command Command()
    {
        var work = new Argument<string>("CASE");
        var rank = new Argument<int>("RANK");
        var world = new Argument<int>("WORLD");
        var root = new Argument<string?>("ROOT") { Arity = ArgumentArity.ZeroOrOne };
        var command = new Command(Verb) { work, rank, world, root };
        command.Hidden = true;
        command.SetAction(parsed => Run(StepCase.Named(parsed.GetRequiredValue(work), parsed.GetValue(root)), parsed.GetValue(rank), parsed.GetValue(world)));
        return command;
    }

    private static void Run(StepCase work, int rank, int world)
    {
        set_num_threads(1);
        if (work.Device == Device.Cuda)
            DeterministicAlgorithms.TryRequire(); // as runs do
        var door = SharedMemoryDoor.Open(rank, world);
        Console.WriteLine(door.Endpoint);
        var endpoints = Console.ReadLine()!.Split('\t');
        using var group = SharedMemoryProcessGroup.Connect(door, new RankAssignment("benchmark", 1, rank, [.. endpoints], "benchmark"), ConnectTimeout);
        using var training = new Training(work, group);
        while (Console.ReadLine()?.Split(' ') is [var order, ..] words)
        {
            group.Barrier();
            Console.WriteLine(order == "matmul" ? MatrixProducts.FlopsPerSecond(TrainingDevice.Of(work.Device, rank), products: 20, precision: work.Plan.Precision) / 1e9 : training.Steps(int.Parse(words[1], CultureInfo.InvariantCulture)));
        }
    }

    /// <summary>A training step: wait for the data, encode, gather, loss, backward, exchange, update.</summary>
    private sealed class Training : IDisposable
    {
        private readonly IProcessGroup group;
        private readonly Retriever retriever;
        private readonly FlatParameters parameters;
        private readonly AdamW optimizer;
        private readonly GradientCache gradients;
        private readonly IBatchSource batches;
        private int step;

        public Training(StepCase work, IProcessGroup group)
        {
            this.group = group;
            retriever = new Retriever(work.Plan, seed: 1);
            retriever.to(TrainingDevice.Of(work.Device, group.Rank));
            parameters = new FlatParameters(retriever);
            optimizer = new AdamW(parameters, new StageSpec { Name = "benchmark", Tasks = [7], Steps = 1, GlobalBatch = work.PairsAWorker * group.WorldSize, LearningRate = 1e-4 });
            gradients = new GradientCache(group, new StepClock());
            batches = work.Batches(group.Rank, group.WorldSize);
        }

        /// <returns>Milliseconds a step.</returns>
        public double Steps(int count)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < count; i++)
            {
                using var scope = NewDisposeScope();
                gradients.Backward(retriever, batches.Next(++step));
                group.AllReduce(parameters.Gradients);
                optimizer.Step(rate: 1e-4);
            }
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds / count;
        }

        public void Dispose()
        {
            batches.Dispose();
            optimizer.Dispose();
            parameters.Dispose();
            retriever.Dispose();
        }
    }
}
