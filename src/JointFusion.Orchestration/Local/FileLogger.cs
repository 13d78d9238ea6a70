using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;
using Akka.Hosting;

namespace JointFusion.Orchestration;

/// <summary>Akka's log as lines of a file: the terminal belongs to the user's progress.</summary>
public sealed class FileLogger : ReceiveActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    /// <summary>Holds the file's path; Akka creates loggers itself, and gives them nothing but its configuration.</summary>
    public const string PathSetting = "jointfusion.log-file";

    private readonly RotatingLog file;

    public FileLogger()
    {
        file = new RotatingLog(Context.System.Settings.Config.GetString(PathSetting));
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(line => file.WriteLine($"{line}"));
    }

    protected override void PostStop() => file.Dispose();
}

public static class FileLoggerHosting
{
    /// <summary>The only logger, at information level and above.</summary>
    public static AkkaConfigurationBuilder AddFileLogger(this AkkaConfigurationBuilder builder) => builder.ConfigureLoggers(setup =>
    {
        setup.LogLevel = LogLevel.InfoLevel;
        setup.ClearLoggers();
        setup.AddLogger<FileLogger>();
    });
}
