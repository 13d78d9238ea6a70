using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>What planning needs to know of a data set that is ready on disk. Made by the Data project from the set's manifest.</summary>
/// <param name="Root">Absolute folder in M-BEIR layout.</param>
/// <param name="ManifestHash">Identity of the data.</param>
/// <param name="VocabularySize">Entries of the tokenizer beside the data, specials included.</param>
/// <param name="TrainQueries">Training queries of each task id.</param>
/// <param name="HardNegatives">Of those, how many name at least one candidate in their neg_cand_list.</param>
/// <param name="Splits">Evaluation splits present, such as val, test, unseen.</param>
public sealed record DataSummary(
    string Root, string ManifestHash, int VocabularySize, ImmutableSortedDictionary<int, int> TrainQueries,
    ImmutableSortedDictionary<int, int> HardNegatives, ImmutableArray<string> Splits);
