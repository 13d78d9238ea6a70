using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>A verified checkpoint, open for reading. Its files must not be deleted meanwhile: see <see cref="CheckpointStore.Pin"/>.</summary>
public sealed class LoadedCheckpoint : IDisposable
{
    private LoadedCheckpoint(CheckpointManifest manifest, SafetensorsReader weights, SafetensorsReader optimizer)
    {
        Manifest = manifest;
        Weights = weights;
        Optimizer = optimizer;
    }

    public CheckpointManifest Manifest { get; }
    public SafetensorsReader Weights { get; }
    public SafetensorsReader Optimizer { get; }

    public void Dispose()
    {
        Weights.Dispose();
        Optimizer.Dispose();
    }

    internal static LoadedCheckpoint Open(string folder, CheckpointManifest manifest)
    {
        var weights = SafetensorsReader.Open(Path.Combine(folder, CheckpointNames.Weights));
        try
        {
            return new LoadedCheckpoint(manifest, weights, SafetensorsReader.Open(Path.Combine(folder, CheckpointNames.Optimizer)));
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }
}
