namespace JointFusion.Experiments;

/// <summary>What users of other trainers write, and what they find here instead.</summary>
internal static class ForeignNames
{
    private const string Accumulation =
        "a contrastive loss over parts of a batch has too few negatives in each: write the whole batch as a stage's global_batch, and resources.chunk_size for what is encoded at once";

    private const string Batch = "a stage's global_batch counts the pairs of all workers together";
    private const string Precision = "it is retriever.precision here: fp32 or bf16";

    private const string Sharding = "the optimizer's state is divided over the workers by resources.shard_optimizer: true";

    private static readonly Dictionary<string, string> Hints = new(StringComparer.OrdinalIgnoreCase)
    {
        ["gradient_accumulation"] = Accumulation,
        ["gradient_accumulation_steps"] = Accumulation,
        ["accumulate_grad_batches"] = Accumulation,
        ["accumulation_steps"] = Accumulation,
        ["batch_size"] = Batch,
        ["per_device_train_batch_size"] = Batch,
        ["bf16"] = Precision,
        ["amp"] = Precision,
        ["mixed_precision"] = Precision,
        ["zero_stage"] = Sharding,
        ["zero_optimization"] = Sharding,
        ["use_distributed_optimizer"] = Sharding,
        ["fp16"] = "fp16 needs a loss scale, and CPUs multiply it a hundred times slower than fp32: bf16 has fp32's range",
    };

    /// <returns>Begins with a semicolon; empty for a name that says nothing.</returns>
    public static string Hint(string written) => Hints.TryGetValue(written, out var hint) ? $"; {hint}" : "";
}
