using System.Text.Json;
using System.Text.Json.Nodes;

namespace JointFusion.Retrieval;

/// <summary>adapter_config.json of PEFT, as far as it is computed here.</summary>
internal static class PeftConfig
{
    /// <summary>What else a file may ask for, and the value at which it asks for nothing.</summary>
    private static readonly (string Name, string[] Nothing)[] Refused =
    [
        ("bias", ["\"none\""]), ("fan_in_fan_out", ["false"]), ("use_dora", ["false"]), ("use_rslora", ["false"]), ("modules_to_save", ["[]"]),
        ("rank_pattern", ["{}"]), ("alpha_pattern", ["{}"]), ("layers_to_transform", ["[]"]), ("layer_replication", ["[]"]), ("exclude_modules", ["[]"]),
        ("trainable_token_indices", ["[]", "{}"]), ("target_parameters", ["[]"]),
    ];

    /// <param name="path">Of the file.</param>
    /// <exception cref="CheckpointException">It is missing, is no such file, or asks for what is not computed here.</exception>
    public static LoraSpec Read(string path)
    {
        try
        {
            var config = JsonNode.Parse(File.ReadAllBytes(path))!.AsObject();
            if (config["peft_type"]?.GetValue<string>() is var kind && kind != "LORA")
                throw new CheckpointException(path, $"has the peft_type '{kind}'; only LORA is known here.");
            foreach (var (name, nothing) in Refused)
                if (config[name] is { } value && !nothing.Contains(value.ToJsonString()))
                    throw new CheckpointException(path, $"sets {name} to {value.ToJsonString()}, which is not computed here.");
            return new LoraSpec(config["r"]!.GetValue<int>(), config["lora_alpha"]!.GetValue<double>(), Targets(config["target_modules"]!));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or ArgumentException or FormatException)
        {
            throw new CheckpointException(path, $"is no config of an adapter: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be read: {e.Message} Give a folder that PEFT or this program wrote.", e);
        }
    }

    /// <param name="baseModel">Name or folder of the model that is adapted.</param>
    public static string Format(LoraSpec spec, string baseModel) => new JsonObject
    {
        ["alpha_pattern"] = new JsonObject(),
        ["base_model_name_or_path"] = baseModel,
        ["bias"] = "none",
        ["fan_in_fan_out"] = false,
        ["inference_mode"] = true,
        ["init_lora_weights"] = true,
        ["lora_alpha"] = spec.Alpha,
        ["lora_dropout"] = 0.0,
        ["modules_to_save"] = null,
        ["peft_type"] = "LORA",
        ["r"] = spec.Rank,
        ["rank_pattern"] = new JsonObject(),
        ["target_modules"] = spec.Targets.Pattern is { } pattern ? pattern : new JsonArray([.. spec.Targets.Names.Select(name => JsonValue.Create(name))]),
        ["task_type"] = null,
        ["use_dora"] = false,
        ["use_rslora"] = false,
    }.ToJsonString(new JsonSerializerOptions { WriteIndented = true });

    private static LoraTargets Targets(JsonNode modules) => modules is JsonArray names
        ? LoraTargets.Named(names.Select(name => name!.GetValue<string>()))
        : modules.GetValue<string>() is "all-linear" ? throw new ArgumentException("target_modules 'all-linear' is not known here; name them") : LoraTargets.Matching(modules.GetValue<string>());
}
