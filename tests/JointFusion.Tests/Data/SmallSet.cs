using JointFusion.Data;

namespace JointFusion.Tests;

/// <summary>A hand-written M-BEIR folder: two pictures, two captions, tasks 0 and 3, ids of data set 12.</summary>
internal sealed class SmallSet : IDisposable
{
    public const string TrainFile = "query/train/mbeir_small_train.jsonl";
    public const string TestFile = "query/test/mbeir_small_task0_test.jsonl";
    public const string QrelsFile = "qrels/test/mbeir_small_task0_test_qrels.txt";
    public const string ImagePool = "cand_pool/local/mbeir_small_task0_cand_pool.jsonl";
    public const string TextPool = "cand_pool/local/mbeir_small_task3_cand_pool.jsonl";
    public const string InstructionFile = "instructions/query_instructions.tsv";

    private readonly TemporaryFolder folder = new();

    public SmallSet()
    {
        Directory.CreateDirectory(folder.In("mbeir_images"));
        File.WriteAllBytes(folder.In("mbeir_images", "red.png"), PngFile.Encode([255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0], 2, 3));
        File.WriteAllBytes(folder.In("mbeir_images", "gray.png"), PngFile.Encode([0, 100, 200, 255], 2, 1));
        Write(
            ImagePool,
            """{"did":"12:1","txt":null,"img_path":"mbeir_images/red.png","modality":"image","src_content":null}""",
            """{"did":"12:2","txt":"","img_path":"mbeir_images/gray.png","modality":"image","src_content":{"any":1}}""");
        Write(
            TextPool,
            """{"did":"12:3","txt":"a red square","img_path":null,"modality":"text","src_content":"x"}""",
            """{"did":"12:4","txt":"a gray square","img_path":null,"modality":"text"}""");
        Write(TrainFile, Train(1, "12:1", "red"), Train(2, "12:2", "gray"));
        Write(TestFile, Test(3, "red"), Test(4, "gray"));
        Write(QrelsFile, "12:3 0 12:1 1 0", "12:4 0 12:2 1 0");
        Write(
            InstructionFile,
            "query_modality\tcand_modality\tdataset_name\tdataset_id\tprompt_1\tprompt_2",
            "text\timage\tsmall\t12\tFind it.\tShow it.",
            "image\ttext\tsmall\t12\tName it.\t");
    }

    public string Root => folder.Path;

    public MbeirDataset Open() => MbeirDataset.Open(Root);

    public string In(string relative) => folder.In(relative);

    public void Write(string relative, params string[] lines) => folder.Write(relative, lines);

    public static string Train(int number, string did, string text) =>
        $$"""{"qid":"12:{{number}}","query_txt":"{{text}}","query_img_path":null,"query_modality":"text","query_src_content":"free text","pos_cand_list":["{{did}}"],"neg_cand_list":[],"task_id":0}""";

    public static string Test(int number, string text) =>
        $$"""{"qid":"12:{{number}}","query_txt":"{{text}}","query_img_path":null,"query_modality":"text","query_src_content":null,"pos_cand_list":[],"neg_cand_list":[]}""";

    public void Dispose() => folder.Dispose();
}
