namespace JointFusion.Data;

/// <summary>Picture files to patches, laid out as <see cref="ItemBatch"/> says. Thread-safe.</summary>
public interface IPicturePatches
{
    /// <summary>Of one patch.</summary>
    int PatchBytes { get; }

    /// <exception cref="DataException">The file is missing, or is no picture that can be read.</exception>
    CutPicture Cut(string path);
}

/// <param name="Patches">Row by row over the picture.</param>
/// <param name="Columns">Patches in a row.</param>
public sealed record CutPicture(byte[] Patches, int Columns);
