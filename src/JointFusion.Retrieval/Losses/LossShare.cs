using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>This rank's rows' share of the global mean; shares are summed over ranks.</summary>
/// <param name="Loss">In nats.</param>
/// <param name="QueryGradients_QE">Of the loss, for the queries given.</param>
/// <param name="CandidateGradients_CE">Of the loss.</param>
/// <param name="LogTemperatureGradient">Of the loss.</param>
/// <param name="LogitBiasGradient">Of the loss; 0 for one without a bias.</param>
/// <param name="Figures">Of the local queries among all candidates.</param>
/// <param name="MaskedOfRow">By local row, the candidates left out of the query's negatives.</param>
public sealed record LossShare(
    double Loss, Tensor QueryGradients_QE, Tensor CandidateGradients_CE, double LogTemperatureGradient,
    double LogitBiasGradient, RowFigures Figures, int[] MaskedOfRow);
