using System.Runtime.Serialization;
using System.Text.Json;
using Akka.Actor;
using Akka.Serialization;

namespace JointFusion.Orchestration;

/// <summary>Akka's door for our messages and journal events: a closed table of types, never a type that the bytes name.</summary>
public sealed class ProtocolSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>Stands in every journal written so far.</summary>
    public const int Id = 7401;

    public override int Identifier => Id;

    /// <exception cref="SerializationException">The type has no line in <see cref="ProtocolTypes"/>.</exception>
    public override string Manifest(object o) =>
        ProtocolTypes.Names.TryGetValue(o.GetType(), out var name)
            ? name
            : throw new SerializationException($"{o.GetType()} has no line in {nameof(ProtocolTypes)}: it may not leave the process.");

    public override byte[] ToBinary(object obj) => JsonSerializer.SerializeToUtf8Bytes(obj, ProtocolTypes.ByName[Manifest(obj)]);

    /// <exception cref="SerializationException">The name is not in the table, or the bytes are not of that type.</exception>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        if (!ProtocolTypes.ByName.TryGetValue(manifest, out var type))
            throw new SerializationException($"'{manifest}' is not a message of this version's protocol.");
        try
        {
            JsonNulls.RefuseInLists(bytes);
            return JsonSerializer.Deserialize(bytes, type) ?? throw new SerializationException($"'{manifest}' holds null.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException) // The latter where a discriminator is missing.
        {
            throw new SerializationException($"'{manifest}' cannot be read: {e.Message}", e);
        }
    }
}
