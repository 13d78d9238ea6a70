using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>This rank's rows' share of the global mean; shares are summed over ranks.</summary>
/// <param name="Rows">Of the global batch, over which the mean is taken.</param>
/// <param name="QueryGradients_QE">Of the loss, for the queries given.</param>
/// <param name="CandidateGradients_CE">Of the loss.</param>
/// <param name="LogTemperatureGradient">Of the loss; a scalar.</param>
/// <param name="LogitBiasGradient">Of the loss; a scalar, null or 0 for one without a bias.</param>
/// <param name="Figures">Of the local queries among all candidates.</param>
/// <param name="MaskedOfRow">By local row, the candidates left out of the query's negatives.</param>
public sealed record LossShare(
    int Rows, Tensor QueryGradients_QE, Tensor CandidateGradients_CE, Tensor LogTemperatureGradient,
    Tensor? LogitBiasGradient, RowFigures Figures, int[] MaskedOfRow)
{
    /// <summary>In nats; waits for the device.</summary>
    public double Loss => Figures.Loss.Sum() / Rows;
}
