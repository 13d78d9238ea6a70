using Akka.Actor;
using Akka.Event;
using Akka.Hosting;

namespace JointFusion.Orchestration;

/// <summary>Akka's log as lines of a file: the terminal belongs to the user's progress.</summary>
internal sealed class FileLogger : ReceiveActor
{
    private readonly StreamWriter file;

    /// <param name="path">Appended to; its folder is made if missing.</param>
    public FileLogger(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        file = new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        Receive<LogEvent>(line => file.WriteLine(line.ToString()));
    }

    protected override void PostStop() => file.Dispose();
}

internal static class FileLoggerHosting
{
    /// <summary>Takes what the log bus says, at information level and above.</summary>
    public static AkkaConfigurationBuilder AddFileLogger(this AkkaConfigurationBuilder builder, string path) =>
        builder.WithActors((system, _) =>
        {
            var logger = system.ActorOf(Props.Create(() => new FileLogger(path)), "file-log");
            foreach (var level in new[] { typeof(Error), typeof(Warning), typeof(Info) })
                system.EventStream.Subscribe(logger, level);
        });
}
