namespace JointFusion.Data;

/// <summary>Picture files to what a pretrained vision tower takes. Thread-safe; one thread a call.</summary>
public interface IImageProcessor
{
    /// <summary>From the bytes of <see cref="ProcessedImage.Pixels"/> to the model's floats.</summary>
    ChannelLevels Scale { get; }

    /// <exception cref="DataException">The file is missing, is no picture that can be read, or has a shape that the model refuses.</exception>
    ProcessedImage Process(string path);
}
