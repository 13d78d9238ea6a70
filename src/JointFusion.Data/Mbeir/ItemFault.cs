namespace JointFusion.Data;

/// <summary>Whether an item's modality is known and its contents are those of the modality.</summary>
internal static class ItemFault
{
    /// <summary>Null when there is no fault.</summary>
    /// <param name="item">For the message, such as <c>did 10:4</c>.</param>
    public static string? Of(string item, string? modalityName, string? text, string? imagePath)
    {
        if (ModalityNames.Parse(modalityName) is not { } modality)
        {
            return $"{item}: modality {modalityName ?? "null"} is not text, image or image,text";
        }

        if (modality.HasText() && string.IsNullOrWhiteSpace(text)) return $"{item}: modality {modality.Name()}, but there is no text";
        if (modality.HasImage() && string.IsNullOrEmpty(imagePath)) return $"{item}: modality {modality.Name()}, but there is no image";
        if (!modality.HasText() && !string.IsNullOrWhiteSpace(text)) return $"{item}: modality {modality.Name()}, but there is a text";
        if (!modality.HasImage() && !string.IsNullOrEmpty(imagePath)) return $"{item}: modality {modality.Name()}, but there is an image";
        return null;
    }
}
