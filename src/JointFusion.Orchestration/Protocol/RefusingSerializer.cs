using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace JointFusion.Orchestration;

/// <summary>Stands where Akka's default JSON serializer was, which would instantiate any type that a sender names.</summary>
public sealed class RefusingSerializer : Serializer
{
    /// <param name="settings">Of the serializer it replaces: Akka gives them to whatever stands in its place.</param>
    public RefusingSerializer(ExtendedActorSystem system, Config settings) : base(system)
    {
    }

    /// <summary>Of the serializer it replaces: its bytes must end here and nowhere else.</summary>
    public override int Identifier => 1;

    public override bool IncludeManifest => true;

    public override byte[] ToBinary(object obj) => throw Refusal(obj.GetType().ToString());

    public override object FromBinary(byte[] bytes, Type? type) => throw Refusal(type?.ToString() ?? "a message without a type");

    private static SerializationException Refusal(string type) =>
        new($"{type} is not part of the protocol: there is no default serializer.");
}
