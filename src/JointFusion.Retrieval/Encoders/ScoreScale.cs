namespace JointFusion.Retrieval;

/// <summary>What a retriever's scores are divided by, and what is added to them.</summary>
/// <param name="Temperature">At the start.</param>
/// <param name="MinimumTemperature">A learnable one stays at or above.</param>
/// <param name="LogitBias">At the start; null where no loss has one.</param>
public sealed record ScoreScale(double Temperature, double MinimumTemperature, bool TemperatureFixed = false, double? LogitBias = null);
