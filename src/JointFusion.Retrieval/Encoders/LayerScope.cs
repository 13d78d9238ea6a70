using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Lets go of what a layer has computed on its way, but for what the graph keeps for the gradient.</summary>
/// <remarks>Else all of it lives until the step ends. A frozen tower's graph keeps nothing: there memory is that of one layer, not of all.</remarks>
internal static class LayerScope
{
    /// <param name="layer">Its output must be a new tensor.</param>
    public static Tensor Call(Func<Tensor> layer)
    {
        using var scope = NewDisposeScope();
        return layer().MoveToOuterDisposeScope();
    }
}
