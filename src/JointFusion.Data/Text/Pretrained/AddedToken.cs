namespace JointFusion.Data;

/// <summary>A text that is one token wherever it stands, whatever the model would make of it.</summary>
/// <param name="SingleWord">Not within a word.</param>
/// <param name="LeftStrip">White space before it belongs to it.</param>
/// <param name="RightStrip">White space after it belongs to it.</param>
/// <param name="Normalized">Looked for in the normalised text, in its own normalised form.</param>
internal sealed record AddedToken(string Content, int Id, bool SingleWord, bool LeftStrip, bool RightStrip, bool Normalized)
{
    public static AddedToken Read(JsonPlace place)
    {
        place.RequireOnly("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special");
        var special = place.Flag("special", false);
        var token = new AddedToken(
            place.Get("content").Text(), place.Get("id").Integer(), place.Flag("single_word", false),
            place.Flag("lstrip", false), place.Flag("rstrip", false), place.Flag("normalized", !special));
        return token.Content.Length > 0 ? token : throw place.Get("content").Fault("an added token has to have a text");
    }
}
