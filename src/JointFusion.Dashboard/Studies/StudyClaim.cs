using System.Collections.Immutable;

namespace JointFusion.Dashboard;

public enum StudyVerdict
{
    Confirmed,
    NotConfirmed,
    Contradicted,
}

public static class StudyVerdicts
{
    /// <summary>For reading.</summary>
    public static string Words(this StudyVerdict verdict) => verdict switch
    {
        StudyVerdict.Confirmed => "confirmed",
        StudyVerdict.Contradicted => "contradicted",
        _ => "not confirmed",
    };
}

/// <summary>One thing that the paper claims, and what this study says of it.</summary>
/// <param name="Id">fusion_helps, no_difference or two_stages.</param>
/// <param name="Verdict">Of all parts together: confirmed where all are, contradicted where one is.</param>
public sealed record StudyClaim(string Id, string Words, StudyVerdict Verdict, ImmutableArray<StudyClaimPart> Parts);

/// <param name="PHolm">Corrected over all parts of the claim.</param>
public sealed record StudyClaimPart(StudyContrast Contrast, double PHolm, StudyVerdict Verdict);
