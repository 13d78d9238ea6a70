using JointFusion.Data;
using Xunit;

namespace JointFusion.Tests;

public sealed class MbeirCheckerTests : IDisposable
{
    private readonly SmallSet set = new();

    public void Dispose() => set.Dispose();

    [Fact]
    public void Should_find_nothing_When_the_set_is_sound() => Assert.Empty(MbeirChecker.Check(set.Root, hashes: true));

    [Fact]
    public void Should_list_every_fault_with_file_and_line_When_there_are_several()
    {
        set.Write(SmallSet.TrainFile, "not json", SmallSet.Train(1, "12:9", "red"), SmallSet.Train(2, "12:2", "gray"), SmallSet.Train(2, "12:2", "gray"));
        set.Write(SmallSet.QrelsFile, "12:3 0 12:1 1", "12:4 0 12:2 1 0");
        File.Delete(set.In("mbeir_images/red.png"));
        var faults = MbeirChecker.Check(set.Root, hashes: false);
        Assert.Equal(
            [
                (SmallSet.TrainFile, 1, "not the JSON expected"), (SmallSet.TrainFile, 2, "did 12:9 is in no pool"), (SmallSet.TrainFile, 4, "qid 12:2 stands twice"),
                (SmallSet.QrelsFile, 1, "4 columns, expected 5"), (SmallSet.TestFile, 1, "no relevant candidate"), ("mbeir_images/red.png", 0, "the picture is missing"),
            ],
            faults.Select(fault => (Path.GetRelativePath(set.Root, fault.File), fault.Line, Known(fault.Message))));
    }

    [Theory]
    [InlineData(5, "there is no task 5")]
    [InlineData(7, "task 7 asks with image,text, but the query's modality is text")]
    [InlineData(1, "task 1 asks for text, but did 12:1 is image")]
    public void Should_name_the_mismatch_When_a_query_has_another_task_than_its_modalities(int task, string expected)
    {
        set.Write(SmallSet.TrainFile, SmallSet.Train(1, "12:1", "red").Replace("\"task_id\":0", $"\"task_id\":{task}", StringComparison.Ordinal));
        Assert.Contains(expected, Assert.Single(MbeirChecker.Check(set.Root, hashes: false), fault => fault.Line > 0).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"did":"12:3","txt":"a","img_path":"mbeir_images/red.png","modality":"text"}""", "there is an image")]
    [InlineData("""{"did":"12:3","txt":null,"img_path":null,"modality":"text"}""", "there is no text")]
    [InlineData("""{"did":"12:3","txt":"a","img_path":null,"modality":"sound"}""", "modality sound")]
    [InlineData("""{"txt":"a","img_path":null,"modality":"text"}""", "no did")]
    [InlineData("""{"did":"12:1","txt":"a","img_path":null,"modality":"text"}""", "another content in another pool")]
    public void Should_name_the_cause_When_a_candidate_is_wrong(string line, string expected)
    {
        set.Write(SmallSet.TextPool, line);
        var fault = Assert.Single(MbeirChecker.Check(set.Root, hashes: false));
        Assert.Equal((set.In(SmallSet.TextPool), 1), (fault.File, fault.Line));
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_name_what_is_missing_When_pool_or_instructions_are_gone()
    {
        File.Delete(set.In(SmallSet.InstructionFile));
        File.Move(set.In(SmallSet.ImagePool), set.In("cand_pool/local/mbeir_small_task4_cand_pool.jsonl"));
        var messages = MbeirChecker.Check(set.Root, hashes: false).Select(fault => fault.Message).ToList();
        Assert.Contains(messages, message => message.StartsWith("no local pool for task 0", StringComparison.Ordinal));
        Assert.Contains(messages, message => message.StartsWith("no instructions for data set 12, task 0", StringComparison.Ordinal));
    }

    [Fact]
    public void Should_find_broken_pictures_When_asked_for_contents()
    {
        File.WriteAllText(set.In("mbeir_images/red.png"), "no picture");
        Assert.Empty(MbeirChecker.Check(set.Root, hashes: false));
        Assert.Contains("cannot be decoded", Assert.Single(MbeirChecker.Check(set.Root, hashes: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_count_the_rest_When_one_file_has_very_many_faults()
    {
        set.Write(SmallSet.TrainFile, [.. Enumerable.Repeat("x", 150)]);
        var faults = MbeirChecker.Check(set.Root, hashes: false);
        Assert.Equal(101, faults.Length);
        Assert.Equal("50 more faults in this file", faults[^1].Message);
    }

    [Fact]
    public void Should_find_swapped_tasks_When_two_query_files_change_their_names()
    {
        set.Write("query/test/mbeir_small_task3_test.jsonl", """{"qid":"12:5","query_img_path":"mbeir_images/red.png","query_modality":"image"}""");
        set.Write("qrels/test/mbeir_small_task3_test_qrels.txt", "12:5 0 12:3 1 3");
        Assert.Empty(MbeirChecker.Check(set.Root, hashes: false));

        File.Move(set.In(SmallSet.TestFile), set.In("aside"));
        File.Move(set.In("query/test/mbeir_small_task3_test.jsonl"), set.In(SmallSet.TestFile));
        File.Move(set.In("aside"), set.In("query/test/mbeir_small_task3_test.jsonl"));
        Assert.Equal(3, MbeirChecker.Check(set.Root, hashes: false).Length);
    }

    private static string Known(string message) =>
        new[] { "not the JSON expected", "did 12:9 is in no pool", "qid 12:2 stands twice", "4 columns, expected 5", "no relevant candidate", "the picture is missing" }
            .FirstOrDefault(known => message.Contains(known, StringComparison.Ordinal)) ?? message;
}
