using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using JointFusion.Experiments;

namespace JointFusion.Data;

/// <summary>A data set in M-BEIR's folder layout, or of pair files. Candidates are read on opening, each split when first asked for. Thread-safe.</summary>
public sealed class MbeirDataset
{
    private readonly MbeirLayout layout;
    private readonly ISetFiles files;
    private readonly ConcurrentDictionary<string, Lazy<ImmutableArray<Query>>> splits = new(StringComparer.Ordinal);
    private readonly Lazy<ImmutableArray<int>> globalPool;
    private readonly Lazy<TextTokenizer> tokenizer;
    private readonly Lazy<DataSummary> summary;

    private MbeirDataset(MbeirLayout layout, ISetFiles files, string name, string manifestHash)
    {
        this.files = files;
        this.layout = layout;
        Name = name;
        ManifestHash = manifestHash;
        globalPool = new(files.Global);
        tokenizer = new(() => VocabularyStore.Open(this));
        summary = new(Summarize);
    }

    /// <summary>Of the manifest; the folder's name where there is none.</summary>
    public string Name { get; }

    /// <summary>Absolute; image paths are relative to it.</summary>
    public string Root => layout.Root;

    /// <summary>Identity of the data: of the manifest where there is one, else of all its text files. Pictures are not hashed for it.</summary>
    public string ManifestHash { get; }

    /// <summary>The candidates of all pools; the position is the dense index.</summary>
    public ImmutableArray<Candidate> Candidates => files.Candidates;

    /// <summary>Reads training queries on first use.</summary>
    public DataSummary Summary => summary.Value;

    /// <summary>With the vocabulary beside the data, or one built once from the training texts and kept in the cache.</summary>
    public TextTokenizer Tokenizer => tokenizer.Value;

    internal MbeirLayout Layout => layout;

    /// <summary>Whether it is of pair files, which have no instructions.</summary>
    internal bool IsPairs => files is PairFiles;

    /// <summary>The file behind <see cref="Tokenizer"/>, for <see cref="TextTokenizer.Load"/> where the data are not at hand.</summary>
    /// <exception cref="DataException">It is missing though the data's manifest lists it, or not the one listed.</exception>
    public byte[] ReadVocabulary() => VocabularyStore.Read(this);

    /// <summary>Opens a folder in M-BEIR layout, or one of pair files.</summary>
    /// <exception cref="DataException">There is no such folder, or its pools or instructions have a fault.</exception>
    public static MbeirDataset Open(string root)
    {
        var layout = new MbeirLayout(Path.GetFullPath(root));
        if (!Directory.Exists(layout.Root)) throw new DataException($"{layout.Root}: there is no such folder; give the root of a data set in M-BEIR layout, or a folder of pair files.");
        if (PairFolder.IsOne(layout.Root)) return new MbeirDataset(layout, PairFiles.Read(layout.Root, DataFault.Throw), Path.GetFileName(layout.Root), Fingerprint(layout, PairFolder.AllFiles(layout.Root)));

        return DataManifest.Read(layout) is { } manifest
            ? new MbeirDataset(layout, new MbeirFiles(layout), manifest.Name, StableHash.HexOfFile(layout.Manifest))
            : new MbeirDataset(layout, new MbeirFiles(layout), Path.GetFileName(layout.Root), Fingerprint(layout, layout.Texts));
    }

    /// <summary><see cref="LocalTasks"/> of a folder, without opening it where its files' names say them.</summary>
    /// <exception cref="DataException">There is no such folder, or its pair files have a fault.</exception>
    public static ImmutableArray<int> TasksOf(string root)
    {
        var layout = new MbeirLayout(Path.GetFullPath(root));
        return layout.LocalPools.IsEmpty ? Open(root).LocalTasks : layout.LocalTasks;
    }

    /// <summary>Opens a folder that is said to be of one kind.</summary>
    /// <exception cref="DataException">It is of the other kind, or has a fault.</exception>
    public static MbeirDataset Open(string root, DataSource source)
    {
        if (Directory.Exists(root) && PairFolder.IsOne(root) != (source == DataSource.Pairs))
        {
            throw new DataException(source == DataSource.Pairs
                ? $"{root}: there are no pairs to train on; expected train.jsonl or train/*.jsonl."
                : $"{root}: it holds pair files, train.jsonl among them; set data.source: pairs.");
        }

        return Open(root);
    }

    /// <summary>Queries of train, val, test or another split of the set, in the order of its files.</summary>
    /// <exception cref="DataException">The split has no queries, or a query has a fault.</exception>
    public ImmutableArray<Query> Queries(string split) => splits.GetOrAdd(split, name => new(() => ReadSplit(name))).Value;

    /// <summary>Dense indices, ascending. Local: the candidates of the task's own files; global: one pool for all tasks.</summary>
    /// <exception cref="DataException">The task has no pool.</exception>
    public ImmutableArray<int> Pool(int task, PoolKind kind)
    {
        var pool = kind == PoolKind.Global ? globalPool.Value : files.Local(task);
        return pool.IsEmpty
            ? throw new DataException(IsPairs
                ? $"{layout.Root}: no split that is evaluated has a pair of task {task}."
                : $"{layout.PoolFolder}: no local pool for task {task}; expected local/mbeir_<name>_task{task}_cand_pool.jsonl.")
            : pool;
    }

    /// <summary>Splits with queries to evaluate: val, test, then others by name.</summary>
    public ImmutableArray<string> EvaluationSplits => layout.EvaluationSplits;

    /// <summary>Tasks that have a pool of their own, ascending.</summary>
    public ImmutableArray<int> LocalTasks => files.LocalTasks;

    /// <summary>Prompts for a query that is none of the set's own: those of the first data set by id that has some for the task; empty where none has.</summary>
    public ImmutableArray<string> InstructionsOf(MbeirTask task) => files.InstructionsOf(task);

    /// <summary>What a vocabulary may be made from: nothing of it is held out.</summary>
    internal IEnumerable<string> TrainingTexts() =>
        Queries(MbeirLayout.Train)
            .SelectMany(query => query.Positives.Select(positive => Candidates[positive].Text).Prepend(query.Text))
            .OfType<string>()
            .Concat(files.Instructions);

    private ImmutableArray<Query> ReadSplit(string split)
    {
        var queries = files.Queries(split);
        return queries.IsEmpty
            ? throw new DataException($"{(IsPairs ? layout.Root : layout.QueryFolder)}: no queries in split {split}; there are {string.Join(", ", files.EvaluationSplits.Prepend(MbeirLayout.Train))}.")
            : queries;
    }

    private DataSummary Summarize() => new(
        Root,
        ManifestHash,
        Tokenizer.VocabularySize,
        Queries(MbeirLayout.Train).CountBy(query => query.Task).ToImmutableSortedDictionary(),
        Queries(MbeirLayout.Train).Where(query => !query.HardNegatives.IsEmpty).CountBy(query => query.Task).ToImmutableSortedDictionary(),
        files.EvaluationSplits);

    private static string Fingerprint(MbeirLayout layout, IEnumerable<string> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in texts)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{layout.Relative(path)}\n{StableHash.HexOfFile(path)}\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
