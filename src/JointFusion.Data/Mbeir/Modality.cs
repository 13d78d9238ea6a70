namespace JointFusion.Data;

/// <summary>What an item consists of.</summary>
public enum Modality { Text, Image, ImageText }

/// <summary>Modalities as M-BEIR's files spell them.</summary>
public static class ModalityNames
{
    /// <summary>text, image or image,text: the spelling of UniIR's code, and the one written here.</summary>
    public static string Name(this Modality modality) => modality switch
    {
        Modality.Text => "text",
        Modality.Image => "image",
        _ => "image,text",
    };

    /// <summary>Null when unknown. The data set's card writes <c>text,image</c>: read as well.</summary>
    public static Modality? Parse(string? name) => name?.Replace(" ", "", StringComparison.Ordinal) switch
    {
        "text" => Modality.Text,
        "image" => Modality.Image,
        "image,text" or "text,image" => Modality.ImageText,
        _ => null,
    };

    public static bool HasText(this Modality modality) => modality != Modality.Image;

    public static bool HasImage(this Modality modality) => modality != Modality.Text;
}
