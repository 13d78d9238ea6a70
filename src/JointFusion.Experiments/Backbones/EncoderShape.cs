namespace JointFusion.Experiments;

/// <summary>A stack of pre-norm layers with LayerNorms and biases, as CLIP's and SigLIP's towers are.</summary>
/// <param name="Epsilon">Of every norm.</param>
public sealed record EncoderShape(int Width, int MlpWidth, int Layers, int Heads, double Epsilon, Activation Activation);
