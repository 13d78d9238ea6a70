namespace JointFusion.Orchestration;

/// <summary>May leave the process: over Akka's transport or into the journal. Every such type has a line in <see cref="ProtocolTypes"/>.</summary>
public interface IProtocolMessage;
