using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>From contrasts to verdicts, by rules that were set before there was a figure.</summary>
internal static class StudyClaims
{
    private const double Level = 0.05;

    /// <param name="contrasts">Of groups, under the headline's condition.</param>
    public static ImmutableArray<StudyClaim> Of(IReadOnlyCollection<StudyContrast> contrasts, TaskGroups groups, string twoStages) =>
    [
        .. Claim(
            "fusion_helps",
            "Where picture and text must be fused, early fusion is ahead of late fusion.",
            contrasts.Where(c => c.Between == "arms" && c.Both == twoStages && ClaimOf(c, groups) == GroupClaim.FusionHelps),
            Ahead),
        .. Claim(
            "no_difference",
            $"Where nothing has to be fused, early and late fusion differ by less than {Marks.Percent(groups.Margin)} points of recall.",
            contrasts.Where(c => c.Between == "arms" && c.Both == twoStages && ClaimOf(c, groups) == GroupClaim.NoDifference),
            (contrast, _) => Alike(contrast, groups.Margin)),
        .. Claim(
            "two_stages",
            "Two stages are better than one of the same length, for early fusion, over all groups but the control.",
            contrasts.Where(c => c.Between == "courses" && c.Both == "early" && c.Left == twoStages && IsSeveral(c.Left) && !IsSeveral(c.Right) && ClaimOf(c, groups) != GroupClaim.Control),
            Ahead),
    ];

    private static IEnumerable<StudyClaim> Claim(string id, string words, IEnumerable<StudyContrast> about, Func<StudyContrast, double, StudyVerdict> judge)
    {
        var contrasts = about.ToList();
        if (contrasts.Count == 0) yield break;

        ImmutableArray<StudyClaimPart> parts =
            [.. contrasts.Zip(Holm.Adjust([.. contrasts.Select(contrast => contrast.P)]), (contrast, p) => new StudyClaimPart(contrast, p, judge(contrast, p)))];
        var verdict = parts.Any(part => part.Verdict == StudyVerdict.Contradicted) ? StudyVerdict.Contradicted
            : parts.All(part => part.Verdict == StudyVerdict.Confirmed) ? StudyVerdict.Confirmed : StudyVerdict.NotConfirmed;
        yield return new StudyClaim(id, words, verdict, parts);
    }

    private static StudyVerdict Ahead(StudyContrast contrast, double pHolm) =>
        contrast.Seeds < 2 || pHolm >= Level ? StudyVerdict.NotConfirmed : contrast.Difference > 0 ? StudyVerdict.Confirmed : StudyVerdict.Contradicted;

    /// <summary>Shown to be within the margin, shown to be beyond it, or neither.</summary>
    private static StudyVerdict Alike(StudyContrast contrast, double margin) =>
        contrast.Seeds < 2 ? StudyVerdict.NotConfirmed
        : contrast.Low90 > -margin && contrast.High90 < margin ? StudyVerdict.Confirmed
        : contrast.Low > margin || contrast.High < -margin ? StudyVerdict.Contradicted
        : StudyVerdict.NotConfirmed;

    /// <summary>Whether a course has more than one stage; two of as many may differ in anything else.</summary>
    private static bool IsSeveral(string course) => course.Contains('+', StringComparison.Ordinal);

    private static GroupClaim? ClaimOf(StudyContrast contrast, TaskGroups groups) => groups.Groups.FirstOrDefault(group => group.Name == contrast.Group)?.Claim;
}
