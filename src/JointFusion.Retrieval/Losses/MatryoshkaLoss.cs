using System.Collections.Immutable;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>The mean of a loss over the whole embeddings and over their beginnings, so that these are of use alone (Kusupati et al. 2022, arXiv 2205.13147).</summary>
/// <remarks>
/// A beginning is normalised again, u = x / |x|, and its gradient led back to the embedding by dL/dx = (g - u (u.g)) / |x|, row by row: linear in g,
/// so that shares of ranks may be summed before or after. The paper sums its terms; a mean keeps the learning rate's meaning.
/// </remarks>
public static class MatryoshkaLoss
{
    /// <summary>As torch's normalize: of a beginning that is all zeros.</summary>
    private const double LeastNorm = 1e-12;

    /// <param name="queries_QE">Normalised.</param>
    /// <param name="candidates_CE">Normalised.</param>
    /// <param name="widths">Of the beginnings, each below E; none: the loss itself.</param>
    /// <param name="loss">Of normalised queries and candidates of any width.</param>
    /// <returns>Hits, margins and masks are the whole embeddings'; losses the mean's.</returns>
    public static LossShare Compute(Tensor queries_QE, Tensor candidates_CE, ImmutableArray<int> widths, Func<Tensor, Tensor, LossShare> loss)
    {
        var whole = loss(queries_QE, candidates_CE);
        if (widths.IsEmpty)
            return whole;
        using var _ = no_grad();
        var share = 1.0 / (widths.Length + 1);
        whole.QueryGradients_QE.Scale_(share);
        whole.CandidateGradients_CE.Scale_(share);
        whole.LogTemperatureGradient.Scale_(share);
        whole.LogitBiasGradient?.Scale_(share);
        foreach (var width in widths)
        {
            using var scope = NewDisposeScope();
            var (queries_QW, candidates_CW) = (new Beginning(queries_QE, width), new Beginning(candidates_CE, width));
            var term = loss(queries_QW.Unit_NW, candidates_CW.Unit_NW);
            queries_QW.LeadBack(term.QueryGradients_QE, whole.QueryGradients_QE, share);
            candidates_CW.LeadBack(term.CandidateGradients_CE, whole.CandidateGradients_CE, share);
            whole.LogTemperatureGradient.AddScaled_(term.LogTemperatureGradient, share);
            if (term.LogitBiasGradient is not null)
                whole.LogitBiasGradient!.AddScaled_(term.LogitBiasGradient, share);
            whole.Figures.AddLoss(term.Figures);
        }
        whole.Figures.ScaleLoss(share);
        return whole;
    }

    /// <summary>The first W numbers of each embedding, of length 1 again.</summary>
    private sealed class Beginning
    {
        private readonly Tensor norm_N1;
        private readonly int width;

        public Beginning(Tensor embeddings_NE, int width)
        {
            this.width = width;
            var cut_NW = embeddings_NE.narrow(1, 0, width);
            norm_N1 = cut_NW.norm(1, keepdim: true).ClampTo_(LeastNorm, double.PositiveInfinity);
            Unit_NW = cut_NW / norm_N1;
        }

        public Tensor Unit_NW { get; }

        /// <param name="gradients_NW">Of <see cref="Unit_NW"/>.</param>
        /// <param name="target_NE">Takes the embeddings', times <paramref name="share"/>.</param>
        public void LeadBack(Tensor gradients_NW, Tensor target_NE, double share)
        {
            var along_N1 = (Unit_NW * gradients_NW).sum(1, keepdim: true);
            target_NE.narrow(1, 0, width).AddScaled_((gradients_NW - (Unit_NW * along_N1)) / norm_N1, share);
        }
    }
}
