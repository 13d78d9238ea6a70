using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Attention among the patches of one frame of one picture, over many that lie end to end. Neighbours of one size go together.</summary>
internal sealed class PatchRuns
{
    private readonly List<(int Frames, int Patches)> runs = [];

    public PatchRuns(IEnumerable<PatchGrid> grids)
    {
        foreach (var grid in grids)
        {
            var patches = grid.Height * grid.Width;
            if (runs.Count > 0 && runs[^1].Patches == patches)
                runs[^1] = (runs[^1].Frames + grid.Time, patches);
            else
                runs.Add((grid.Time, patches));
        }
    }

    /// <param name="query_HRK">R patches.</param>
    /// <returns>[R, W].</returns>
    public Tensor Mix_RW(Tensor query_HRK, Tensor key_HRK, Tensor value_HRK)
    {
        var mixed = new List<Tensor>();
        var first = 0L;
        foreach (var (frames, patches) in runs)
        {
            Tensor Part(Tensor all_HRK) => all_HRK.narrow(1, first, frames * patches).unflatten(1, frames, patches).transpose(0, 1);
            mixed.Add(Attention.Mix_NSW(Part(query_HRK), Part(key_HRK), Part(value_HRK), null).flatten(0, 1));
            first += frames * patches;
        }
        return Packing.Join(mixed);
    }
}
