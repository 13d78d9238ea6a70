using JointFusion.Data;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class MbeirDatasetTests : IDisposable
{
    private readonly SmallSet set = new();

    public void Dispose() => set.Dispose();

    [Fact]
    public void Should_read_queries_candidates_and_pools_When_the_folder_is_sound()
    {
        var data = set.Open();
        Assert.Equal(["12:1", "12:2", "12:3", "12:4"], data.Candidates.Select(candidate => candidate.Did));
        Assert.Equal([0, 1, 2, 3], data.Candidates.Select(candidate => candidate.Index));
        Assert.Null(data.Candidates[1].Text);
        Assert.Equal([0, 1], data.Pool(0, PoolKind.Local));
        Assert.Equal([2, 3], data.Pool(3, PoolKind.Local));
        Assert.Equal([0, 1, 2, 3], data.Pool(3, PoolKind.Global));

        var query = data.Queries("test")[1];
        Assert.Equal(("12:4", "gray", "all", "12:4", true, 0), (query.Id, query.Text, query.Operation, query.Concept, query.TargetSeen, query.Task));
        Assert.Equal([1], query.Positives);
        Assert.Equal(["Find it.", "Show it."], query.Instructions);
        Assert.Equal(["test"], data.Summary.Splits);
        Assert.Equal([KeyValuePair.Create(0, 2)], data.Summary.TrainQueries);
    }

    [Theory]
    [InlineData("""["12:3"]""")]
    [InlineData("""[{"did":"12:3"}]""")]
    public void Should_read_positives_When_ids_are_strings_or_objects(string list)
    {
        set.Write(SmallSet.TrainFile, $$"""{"qid":"12:1","query_txt":null,"query_img_path":"mbeir_images/red.png","query_modality":"image","pos_cand_list":{{list}},"neg_cand_list":null}""");
        var query = set.Open().Queries("train")[0];
        Assert.Equal([2], query.Positives);
        Assert.Equal(3, query.Task);
    }

    [Fact]
    public void Should_keep_the_negatives_of_training_queries_When_they_are_no_positives_too()
    {
        set.Write(SmallSet.TrainFile, """{"qid":"12:1","query_txt":"red","query_modality":"text","pos_cand_list":["12:1"],"neg_cand_list":["12:3","12:1","12:2","12:3"]}""", SmallSet.Train(2, "12:2", "gray"));
        var data = set.Open();
        Assert.Equal([1, 2], data.Queries("train")[0].HardNegatives);
        Assert.Empty(data.Queries("train")[1].HardNegatives);
        Assert.Equal([KeyValuePair.Create(0, 1)], data.Summary.HardNegatives);
    }

    [Fact]
    public void Should_name_the_line_When_a_negative_is_in_no_pool()
    {
        set.Write(SmallSet.TrainFile, SmallSet.Train(2, "12:2", "gray"), """{"qid":"12:1","query_txt":"red","query_modality":"text","pos_cand_list":["12:1"],"neg_cand_list":["12:9"]}""");
        var error = Assert.Throws<DataException>(() => set.Open().Queries("train"));
        Assert.Contains($"{SmallSet.TrainFile}:2: qid 12:1: did 12:9 is in no pool", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("image,text")]
    [InlineData("text,image")]
    public void Should_read_joint_items_When_the_modality_is_spelled_either_way(string spelling)
    {
        set.Write("cand_pool/local/mbeir_small_task2_cand_pool.jsonl", $$"""{"did":"12:5","txt":"red","img_path":"mbeir_images/red.png","modality":"{{spelling}}"}""");
        Assert.Equal(Modality.ImageText, set.Open().Candidates[2].Modality);
    }

    [Fact]
    public void Should_count_only_positives_of_the_querys_own_data_set_When_qrels_name_others()
    {
        set.Write("cand_pool/local/mbeir_other_task0_cand_pool.jsonl", """{"did":"5:1","img_path":"mbeir_images/red.png","modality":"image"}""");
        set.Write(SmallSet.QrelsFile, "12:3 0 12:1 1 0", "12:3 0 5:1 1 0", "12:4 0 12:2 1 0", "12:4 0 12:1 0 0");
        var data = set.Open();
        Assert.Equal(["12:1"], data.Queries("test")[0].Positives.Select(index => data.Candidates[index].Did));
        Assert.Equal(["12:2"], data.Queries("test")[1].Positives.Select(index => data.Candidates[index].Did));
    }

    [Fact]
    public void Should_keep_repeated_queries_When_only_the_joined_training_file_is_there()
    {
        Directory.Delete(set.In("query/train"), recursive: true);
        set.Write("query/union_train/mbeir_union_up_train.jsonl", SmallSet.Train(1, "12:1", "red"), SmallSet.Train(1, "12:1", "red"));
        Assert.Equal(2, set.Open().Queries("train").Length);
    }

    [Fact]
    public void Should_prefer_the_joined_test_pool_When_pools_are_global()
    {
        set.Write("cand_pool/global/mbeir_union_test_cand_pool.jsonl", """{"did":"12:3","txt":"a red square","img_path":null,"modality":"text"}""");
        Assert.Equal([2], set.Open().Pool(0, PoolKind.Global));
    }

    [Fact]
    public void Should_build_a_vocabulary_outside_the_users_folder_When_it_has_none()
    {
        var before = Directory.GetFileSystemEntries(set.Root, "*", SearchOption.AllDirectories).Order();
        var data = set.Open();
        Assert.Equal(data.Tokenizer.VocabularySize, data.Summary.VocabularySize);
        Assert.Equal(before, Directory.GetFileSystemEntries(set.Root, "*", SearchOption.AllDirectories).Order());
    }

    [Fact]
    public void Should_have_another_identity_When_a_text_file_changes()
    {
        var before = set.Open().ManifestHash;
        set.Write(SmallSet.QrelsFile, "12:3 0 12:1 1 0", "12:4 0 12:1 1 0");
        Assert.NotEqual(before, set.Open().ManifestHash);
    }

    [Fact]
    public void Should_name_file_and_line_When_a_line_is_broken()
    {
        set.Write(SmallSet.TrainFile, SmallSet.Train(1, "12:1", "red"), "{");
        var error = Assert.Throws<DataException>(() => set.Open().Queries("train"));
        Assert.Contains($"{Path.GetFileName(SmallSet.TrainFile)}:2:", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_say_which_splits_there_are_When_one_is_missing()
    {
        var error = Assert.Throws<DataException>(() => set.Open().Queries("unseen"));
        Assert.Contains("train, test", error.Message, StringComparison.Ordinal);
        Assert.Throws<DataException>(() => MbeirDataset.Open(set.In("nowhere")));
        Assert.Throws<DataException>(() => set.Open().Pool(7, PoolKind.Local));
    }
}
