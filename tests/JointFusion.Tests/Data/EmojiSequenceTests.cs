using JointFusion.Data;
using Xunit;

namespace JointFusion.Tests;

public sealed class EmojiSequenceTests
{
    [Theory]
    [InlineData("1F469-1F3FD-200D-1F692", "1F9D1-200D-1F692", (int)EmojiTone.Medium, (int)EmojiGender.Woman, (int)EmojiHair.Plain, false)] // woman firefighter
    [InlineData("26F9-1F3FF-200D-2642-FE0F", "26F9", (int)EmojiTone.Dark, (int)EmojiGender.Man, (int)EmojiHair.Plain, false)] // man bouncing ball
    [InlineData("1F9D1-200D-1F9B2", "1F9D1", (int)EmojiTone.None, (int)EmojiGender.Person, (int)EmojiHair.Bald, false)] // person: bald
    [InlineData("1F468-1F3FB-200D-1F9B3", "1F9D1", (int)EmojiTone.Light, (int)EmojiGender.Man, (int)EmojiHair.White, false)] // man: light skin tone, white hair
    [InlineData("1F6B6-200D-2640-FE0F-200D-27A1-FE0F", "1F6B6", (int)EmojiTone.None, (int)EmojiGender.Woman, (int)EmojiHair.Plain, true)] // woman walking: facing right
    [InlineData("2640-FE0F", "2640", (int)EmojiTone.None, (int)EmojiGender.Person, (int)EmojiHair.Plain, false)] // female sign: nobody
    [InlineData("27A1-FE0F", "27A1", (int)EmojiTone.None, (int)EmojiGender.Person, (int)EmojiHair.Plain, false)] // right arrow
    public void Should_tell_thing_and_traits_apart_When_one_person_is_shown(string hexcode, string thing, int tone, int gender, int hair, bool right) =>
        Assert.Equal(new EmojiSequence(thing, new EmojiTraits((EmojiTone)tone, (EmojiGender)gender, (EmojiHair)hair, right)), EmojiSequence.Of(hexcode));

    [Theory]
    [InlineData("1F469-1F3FB-200D-1F91D-200D-1F469-1F3FD")] // women holding hands, two tones
    [InlineData("1F468-200D-1F469-200D-1F466")] // family
    public void Should_take_nothing_apart_When_several_are_shown(string hexcode) => Assert.Equal(new EmojiSequence(hexcode, default), EmojiSequence.Of(hexcode));

    [Theory]
    [InlineData("woman firefighter: medium-dark skin tone", "woman firefighter medium dark skin tone")]
    [InlineData("man’s shoe", "mans shoe")]
    public void Should_leave_marks_out_When_a_label_becomes_words(string label, string words) => Assert.Equal(words, string.Join(' ', EmojiConcept.WordsOf(label)));
}
