using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Benchmarks;

/// <summary><c>gpu-backbone</c>: <c>jf run</c> over a published model in its own size on a GPU, beside transformers and PEFT.</summary>
/// <remarks>Model, pairs and the peer come from Backbones/qwen2_vl.py; so do the outputs that <c>jf backbone check</c> compares first.</remarks>
internal static class GpuBackboneBenchmark
{
    private const int Warmup = 32, Timed = 24;

    public static Command Command()
    {
        var work = new Option<DirectoryInfo>("--work") { Description = "Folder for the model (4.4 GB), the pairs and the runs; model and pairs that are there already are used again.", HelpName = "FOLDER", Required = true };
        var batches = new Option<int[]>("--batch") { Description = "Pairs a step.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [16, 64] };
        var rounds = new Option<int>("--rounds") { Description = "Measurements of each.", DefaultValueFactory = _ => 3 };
        var python = new Option<string>("--python") { Description = "An interpreter that has torch, transformers and PEFT.", DefaultValueFactory = _ => "python3" };
        var file = new Option<FileInfo?>("--out") { Description = "Markdown file to write.", HelpName = "FILE" };
        var command = new Command("gpu-backbone", "LoRA on Qwen2-VL in its 2B size, random weights, on a GPU, beside transformers and PEFT.") { work, batches, rounds, python, file };
        command.SetAction(parsed => new Work(parsed.GetRequiredValue(work).FullName, parsed.GetRequiredValue(python))
            .Measure(parsed.GetRequiredValue(batches), parsed.GetValue(rounds), parsed.GetValue(file)));
        return command;
    }

    private sealed class Work(string folder, string python)
    {
        private string Model => Path.Combine(folder, "model");

        private string Data => Path.Combine(folder, "data");

        public void Measure(int[] batches, int rounds, FileInfo? file)
        {
            if (!File.Exists(Path.Combine(Model, "manifest.json")))
                Python("model", Model);
            if (!File.Exists(Path.Combine(Data, "instructions", "query_instructions.tsv"))) // The last that is written.
                Python("data", Data);
            var golden = JsonSerializer.Deserialize<GoldenReport[]>(Jf("backbone", "check", Model, "--device", "cuda", "--json"), JointFusionJson.File)![0];
            var report = new Report("A published model on a GPU", "dotnet run -c Release --project tools/JointFusion.Benchmarks -- gpu-backbone --work FOLDER",
                "pairs a step", "jf run, pairs/s", "of products", "transformers and PEFT, pairs/s", "times as fast");
            foreach (var batch in batches)
                Measure(batch, rounds, report);
            report.Write(file,
                "Qwen2-VL in its published 2B size with random weights, bfloat16, LoRA of rank 16 on q_proj and v_proj: texts of 25 tokens against pictures of 448 x 448 (256 tokens).",
                $"Each round measures in turns {Timed} steps of a whole run, its data loading and metrics among them, and 20 of the peer, which makes noise in place of loading pictures.",
                "Of products: operations of a forward and a backward pass of the batch over those of large bfloat16 products in the same process. The vision tower is frozen and has no backward pass, of which none is counted.",
                $"Before: {golden.TensorsHeld} of {golden.Tensors} hidden states equal to those of transformers {golden.Reference} in float32, {golden.Elements:N0} numbers, "
                    + string.Create(CultureInfo.InvariantCulture, $"at most {golden.Cases.SelectMany(@case => @case.Tensors).Max(tensor => tensor.Error / tensor.Tolerance):0.000} of the tolerance off."));
        }

        private void Measure(int batch, int rounds, Report report)
        {
            var (ours, share, peers) = (new Series(), new Series(), new Series());
            for (var round = 0; round < rounds; round++)
            {
                var steps = Train(batch);
                ours.Add(batch * steps.Length / steps.Sum(step => step.Seconds.Total));
                share.Add(Samples.Median([.. steps.Select(step => step.Mfu!.Value)]));
                peers.Add(JsonDocument.Parse(Python("train", "--batch", $"{batch}").TrimEnd().Split('\n')[^1]).RootElement.GetProperty("pairs_per_s").GetDouble());
            }
            report.Add($"{batch}", ours.Text("0.0"), share.Text("0.00"), peers.Text("0.0"), (ours.Median / peers.Median).ToString("0.00", CultureInfo.InvariantCulture));
        }

        private StepMetrics[] Train(int batch)
        {
            var runs = Path.Combine(folder, "gpu-backbone-runs");
            if (Directory.Exists(runs))
                Directory.Delete(runs, recursive: true);
            Directory.CreateDirectory(runs);
            var spec = Path.Combine(runs, "qwen.yaml");
            File.WriteAllText(spec, Spec(batch));
            Jf("run", spec, "--out", runs);
            var lines = File.ReadLines(Directory.EnumerateFiles(runs, "metrics.jsonl", SearchOption.AllDirectories).Single());
            return [.. lines.Skip(Warmup).Select(line => JsonSerializer.Deserialize<StepMetrics>(line, JointFusionJson.Line)!)];
        }

        private string Spec(int batch) =>
            $$"""
            name: qwen
            seed: 1
            data: { source: mbeir, root: {{Data}} }
            retriever:
              backbone: {{Model}}
              fusion: early
              pooling: last
              prompt: { text: "{text}<|endoftext|>", image: "{image}<|endoftext|>", both: "{image}{text}<|endoftext|>" }
              attention: causal
              precision: bf16
              lora: { rank: 16, alpha: 32, targets: [q_proj, v_proj] }
            stages:
              - { name: adapt, tasks: [0], steps: {{Warmup + Timed}}, global_batch: {{batch}}, learning_rate: 1.0e-4 }
            evaluation: { splits: [val], pools: [local] }
            resources: { workers: 1, device: cuda }
            """;

        private static string Jf(params string[] arguments) => Output(Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "jf.exe" : "jf"), arguments);

        private string Python(params string[] arguments) => Output(python, [Path.Combine(AppContext.BaseDirectory, "Backbones", "qwen2_vl.py"), .. arguments]);

        private static string Output(string program, string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}; its error stands above.");
        }
    }
}
