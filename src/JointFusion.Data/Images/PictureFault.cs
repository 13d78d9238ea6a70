namespace JointFusion.Data;

/// <summary>What a user is told of a picture that cannot be read.</summary>
internal static class PictureFault
{
    public static DataException Of(string path, Exception error) =>
        new($"{path}: cannot be decoded as a picture ({LastLine(error.Message)}). Replace the file, or leave its items out.", error);

    private static string LastLine(string message) => message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^1];
}
