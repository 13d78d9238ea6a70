namespace JointFusion.Data;

/// <summary>In the order of Unicode's code points.</summary>
internal enum EmojiTone { None, Light, MediumLight, Medium, MediumDark, Dark }

/// <summary>Person also where an emoji shows nobody.</summary>
internal enum EmojiGender { Person, Man, Woman }

/// <summary>In the order of Unicode's code points.</summary>
internal enum EmojiHair { Plain, Red, Curly, Bald, White }

/// <summary>How somebody looks: what emoji sequences write as code points of their own, so that it can be exchanged.</summary>
internal readonly record struct EmojiTraits(EmojiTone Tone, EmojiGender Gender, EmojiHair Hair, bool FacesRight)
{
    /// <summary>Which traits differ.</summary>
    public EmojiChange To(EmojiTraits other) =>
        (Tone == other.Tone ? EmojiChange.None : EmojiChange.Tone)
        | (Gender == other.Gender ? EmojiChange.None : EmojiChange.Gender)
        | (Hair == other.Hair ? EmojiChange.None : EmojiChange.Hair)
        | (FacesRight == other.FacesRight ? EmojiChange.None : EmojiChange.Direction);
}

[Flags]
internal enum EmojiChange { None = 0, Tone = 1, Gender = 2, Hair = 4, Direction = 8 }
