using System.Runtime.InteropServices;
using System.Text.Json;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Orchestration;
using JointFusion.Retrieval;
using JointFusion.Training;
using TorchSharp;

namespace JointFusion.Cli;

/// <summary>Joins Orchestration's worker to Training: one replica of one run, its ends told apart.</summary>
/// <param name="address">Of this machine, where ranks on others reach it.</param>
/// <param name="threads">To compute with; null: what each plan says, which was made for this machine.</param>
public sealed class TrainingReplica(string address = "127.0.0.1", int? threads = null) : IReplica
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(60);

    private readonly RunDataCache data = new();
    private GroupDoor? door;

    public string Listen(ReplicaOrder order)
    {
        door?.Dispose();
        door = GroupDoor.Open(order, ReadPlan(order), address);
        return door.Endpoint;
    }

    public ReplicaOutcome Run(ReplicaOrder order, RankAssignment assignment, IReplicaReports reports, Func<KnownCheckpoints> checkpoints, CancellationToken stop)
    {
        try
        {
            return Train(order, assignment, reports, checkpoints, stop);
        }
        catch (PeerLostException lost)
        {
            return new ReplicaOutcome.Failed(FailureKind.PeerLost, lost.Message);
        }
        catch (Exception bad) when (bad is DataException or CheckpointException or DeviceException or ParameterRuleException)
        {
            return new ReplicaOutcome.Failed(FailureKind.BadInput, bad.Message);
        }
        catch (ParityException wrong)
        {
            return new ReplicaOutcome.Failed(FailureKind.WrongGradients, wrong.Message);
        }
        catch (NonFiniteException nonFinite)
        {
            return new ReplicaOutcome.Failed(FailureKind.NonFinite, nonFinite.Message);
        }
        catch (UnhealthyException unhealthy)
        {
            return new ReplicaOutcome.Failed(FailureKind.Unhealthy, unhealthy.Message);
        }
        catch (ExternalException native) when (native.Message.Contains("memory", StringComparison.OrdinalIgnoreCase))
        {
            return new ReplicaOutcome.Failed(FailureKind.OutOfMemory, native.Message.Split('\n')[0]);
        }
    }

    private ReplicaOutcome Train(ReplicaOrder order, RankAssignment assignment, IReplicaReports reports, Func<KnownCheckpoints> checkpoints, CancellationToken stop)
    {
        var plan = ReadPlan(order);
        torch.set_num_threads(threads ?? plan.Resources.ThreadsPerWorker);
        reports.Phase(ReplicaPhase.Connecting, string.Join(", ", assignment.Endpoints));
        var watch = new RunWatch();
        using var group = WatchedProcessGroup.Of(door!.Connect(assignment, ConnectTimeout), watch);
        using var pulse = new Pulse(watch, reports);
        var folder = new RunFolder(order.RunFolder);
        AttemptProvenance.Establish(plan, folder, order.Generation, group, WorkerBinary.Own, reports.Warning);
        var run = new TrainingRun(plan, folder, order.Generation, group, data, new ReplicaEvents(reports), watch, journalled: () => checkpoints().Journalled, rung: order.Rung,
            start: order.Start is { } start ? (new RunFolder(start.RunFolder), start.Step) : null, isLetGo: step => checkpoints().LetGo.Contains(step));
        return run.Execute(order.ResumeStep, stop) switch
        {
            null => new ReplicaOutcome.Succeeded(),
            { } rung when run.RungValue is { } value => new ReplicaOutcome.AtRung(rung, Name(plan.Sweep?.Asha?.Metric ?? default), value),
            { } stoppedAt => new ReplicaOutcome.Stopped(stoppedAt),
        };
    }

    private static string Name(SweepMetric metric) => JsonNamingPolicy.SnakeCaseLower.ConvertName(metric.ToString());

    private static RunPlan ReadPlan(ReplicaOrder order)
    {
        var folder = new RunFolder(order.RunFolder);
        if (FolderProbe.Unseen(folder, order.Rank) is { } unseen)
            throw new RefusedOrderException(unseen.Message, unseen);
        try
        {
            return PlanFile.Read(folder);
        }
        catch (BadInputException unreadable)
        {
            throw new RefusedOrderException(unreadable.Message, unreadable);
        }
    }
}
