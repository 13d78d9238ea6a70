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
///   twice:   this process -> its endpoint
///            endpoints of all ranks, parted by tabs -> this process
///   steps N  -> milliseconds a step
///   exchange -> of these, milliseconds in collectives
///   beside N -> milliseconds a step whose gradients are summed beside it, as if each were ready as the step begins
///   matmul   -> GFLOP/s of large products
///   the end of input
/// </code>
/// </remarks>
internal static class StepRank
{
    public const string Verb = "step-rank";

    public static Command Command()
    {
        var work = new Argument<string>("CASE");
        var rank = new Argument<int>("RANK");
        var world = new Argument<int>("WORLD");
        var transport = new Argument<Transport>("TRANSPORT");
        var root = new Argument<string?>("ROOT") { Arity = ArgumentArity.ZeroOrOne };
        var command = new Command(Verb) { work, rank, world, transport, root };
        command.Hidden = true;
        command.SetAction(parsed => Run(StepCase.Named(parsed.GetRequiredValue(work), parsed.GetValue(root)), parsed.GetValue(rank), parsed.GetValue(world), parsed.GetValue(transport)));
        return command;
    }

    private static void Run(StepCase work, int rank, int world, Transport transport)
    {
        set_num_threads(work.Device == Device.Cuda ? Math.Max(1, Environment.ProcessorCount / world) : 1);
        if (work.Device == Device.Cuda)
            DeterministicAlgorithms.TryRequire(); // as runs do
        using var group = Join(rank, world, transport);
        using var beside = Join(rank, world, transport);
        using var training = new Training(work, group, beside);
        while (Console.ReadLine()?.Split(' ') is [var order, .. var words])
        {
            group.Barrier();
            int Count() => int.Parse(words[0], CultureInfo.InvariantCulture);
            Console.WriteLine(order switch
            {
                "matmul" => MatrixProducts.FlopsPerSecond(TrainingDevice.Of(work.Device, rank), products: 20, precision: work.Plan.Precision) / 1e9,
                "exchange" => training.ExchangeMilliseconds,
                "beside" => training.StepsWithExchangeBeside(Count()),
                _ => training.Steps(Count()),
            });
        }
    }

    private static IProcessGroup Join(int rank, int world, Transport transport)
    {
        var work = transport == Transport.Tcp ? GroupWork.Tcp() : GroupWork.SharedMemory(rank, world);
        Console.WriteLine(work.Endpoint);
        work.Join(new RankAssignment("benchmark", 1, rank, [.. Console.ReadLine()!.Split('\t')], "benchmark"));
        return work.Group;
    }

    /// <summary>A training step: wait for the data, encode, gather, loss, backward, exchange, update.</summary>
    private sealed class Training : IDisposable
    {
        private readonly IProcessGroup group;
        private readonly IProcessGroup beside;
        private readonly StepClock clock = new();
        private readonly Retriever retriever;
        private readonly FlatParameters parameters;
        private readonly AdamW optimizer;
        private readonly GradientCache gradients;
        private readonly IBatchSource batches;
        private int step;

        public Training(StepCase work, IProcessGroup group, IProcessGroup beside)
        {
            (this.group, this.beside) = (group, beside);
            retriever = new Retriever(work.Plan, seed: 1);
            retriever.to(TrainingDevice.Of(work.Device, group.Rank));
            parameters = new FlatParameters(retriever);
            optimizer = new AdamW(parameters, new StageSpec { Name = "benchmark", Tasks = [7], Steps = 1, GlobalBatch = work.PairsAWorker * group.WorldSize, LearningRate = 1e-4 });
            gradients = new GradientCache(group, clock);
            batches = work.Batches(group.Rank, group.WorldSize);
        }

        /// <summary>A step, of the latest <see cref="Steps"/>: embeddings, their gradients, figures and the parameters' gradients; a wait for a later rank is in it.</summary>
        public double ExchangeMilliseconds { get; private set; }

        /// <returns>Milliseconds a step.</returns>
        public double Steps(int count)
        {
            clock.Take();
            var milliseconds = Time(count, () =>
            {
                gradients.Backward(retriever, batches.Next(++step));
                clock.Start(StepPhase.Exchange);
                group.AllReduce(parameters.Gradients);
                clock.Start(StepPhase.Optimizer);
                optimizer.Step(rate: 1e-4);
            });
            ExchangeMilliseconds = clock.Take().Exchange * 1e3 / count;
            return milliseconds;
        }

        /// <summary>The most that sending buckets while backward goes on could bring: nothing has to be waited for, or handed over.</summary>
        /// <inheritdoc cref="Steps"/>
        public double StepsWithExchangeBeside(int count)
        {
            var ready = new float[parameters.Total];
            return Time(count, () =>
            {
                var exchange = new Thread(() => beside.AllReduce<float>(ready));
                exchange.Start();
                gradients.Backward(retriever, batches.Next(++step));
                exchange.Join();
                optimizer.Step(rate: 1e-4);
            });
        }

        private static double Time(int count, Action step)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < count; i++)
            {
                using var scope = NewDisposeScope();
                step();
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
