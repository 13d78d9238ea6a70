using System.Text.Json;
using JointFusion.Data;
using JointFusion.Experiments;

namespace JointFusion.Numerics.Tests;

/// <summary>An M-BEIR folder that can be learnt in a few hundred steps: 64 cards of two colours, each with its caption, asked for both ways; the next card is each training query's hard negative.</summary>
internal sealed class CardSet : IDisposable
{
    private const int DataSet = 12;
    private static readonly string[] Words = ["amber", "blue", "coral", "denim", "ebony", "fawn", "green", "hazel"];
    private static readonly string[] Colours = ["#ffb000", "#0030ff", "#ff6050", "#204080", "#101010", "#c09060", "#00a020", "#806020"];

    private readonly TemporaryFolder root = new();

    public CardSet()
    {
        (int Number, string Caption, string Picture)[] cards =
        [
            .. from left in Enumerable.Range(0, Words.Length)
               from right in Enumerable.Range(0, Words.Length)
               select (left * Words.Length + right + 1, $"{Words[left]} beside {Words[right]}", WritePicture(left, right)),
        ];
        Write("cand_pool/local/mbeir_cards_task0_cand_pool.jsonl", cards.Select(card => Candidate(card.Number, null, card.Picture)));
        Write("cand_pool/local/mbeir_cards_task3_cand_pool.jsonl", cards.Select(card => Candidate(1000 + card.Number, card.Caption, null)));
        Write("query/train/mbeir_cards_train.jsonl", cards.SelectMany(card => (string[])
        [
            Query(2000 + card.Number, card.Caption, null, card.Number, Next(card.Number)),
            Query(3000 + card.Number, null, card.Picture, 1000 + card.Number, 1000 + Next(card.Number)),
        ]));
        Write("query/val/mbeir_cards_task0_val.jsonl", cards.Take(8).Select(card => Query(4000 + card.Number, card.Caption, null, card.Number)));
        Write("qrels/val/mbeir_cards_task0_val_qrels.txt", cards.Take(8).Select(card => $"{Id(4000 + card.Number)} 0 {Id(card.Number)} 1 0"));
        Write("instructions/query_instructions.tsv",
        [
            "query_modality\tcand_modality\tdataset_name\tdataset_id\tprompt_1\tprompt_2",
            $"text\timage\tcards\t{DataSet}\tFind the card.\tShow the card.",
            $"image\ttext\tcards\t{DataSet}\tName the card.\tWhat is it?",
        ]);
    }

    public string Root => root.Path;

    public DataSummary Summary => MbeirDataset.Open(Root).Summary;

    public void Dispose() => root.Dispose();

    /// <returns>Its path below the root.</returns>
    private string WritePicture(int left, int right)
    {
        var path = $"mbeir_images/{left}{right}.svg";
        Write(path,
        [
            $"""<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32"><rect width="16" height="32" fill="{Colours[left]}"/>""",
            $"""<rect x="16" width="16" height="32" fill="{Colours[right]}"/></svg>""",
        ]);
        return path;
    }

    private static string Candidate(int number, string? text, string? picture) => JsonSerializer.Serialize(
        new { did = Id(number), txt = text, img_path = picture, modality = Modality(text) });

    private static string Query(int number, string? text, string? picture, int positive, params int[] negatives) => JsonSerializer.Serialize(new
    {
        qid = Id(number),
        query_txt = text,
        query_img_path = picture,
        query_modality = Modality(text),
        pos_cand_list = (string[])[Id(positive)],
        neg_cand_list = negatives.Select(Id),
    });

    private static int Next(int card) => card % (Words.Length * Words.Length) + 1;

    private static string Modality(string? text) => text is null ? "image" : "text";

    private static string Id(int number) => $"{DataSet}:{number}";

    private void Write(string relative, IEnumerable<string> lines)
    {
        var path = root[relative];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllLines(path, lines);
    }
}
