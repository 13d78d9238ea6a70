using System.Collections.Immutable;
using YamlDotNet.Core;

namespace JointFusion.Experiments;

/// <summary>Reads experiments from YAML: snake_case keys, no unknown ones, every fault of the file at once.</summary>
public static class SpecLoader
{
    private const string RootKey = "data.root", BackboneKey = "retriever.backbone";

    /// <summary>A file that cannot be read is a fault too.</summary>
    public static SpecResult Load(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return SpecResult.Invalid([new SpecFault(path, 0, 0, "", $"the spec cannot be read: {exception.Message}")]);
        }

        return Parse(text, path, Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <param name="fileName">For messages alone.</param>
    /// <param name="baseFolder">A relative <c>data.root</c> or <c>retriever.backbone</c> is taken from here.</param>
    public static SpecResult Parse(string text, string fileName, string baseFolder) =>
        Parse(text, fileName, root => (Path.GetFullPath(Path.Combine(baseFolder, root)), null));

    /// <summary>Of somebody else: its data are looked for below the roots alone.</summary>
    /// <param name="fileName">For messages alone.</param>
    public static SpecResult Parse(string text, string fileName, DataRoots roots) => Parse(text, fileName, roots.Resolve);

    private static SpecResult Parse(string text, string fileName, Func<string, (string Path, string? Fault)> resolve)
    {
        SpecNode document;
        try
        {
            document = SpecTree.Parse(text);
        }
        catch (YamlException exception)
        {
            var at = exception.Start;
            return SpecResult.Invalid([new SpecFault(fileName, (int)at.Line, (int)at.Column, "", $"not readable as YAML: {exception.Message}")]);
        }

        var binder = new SpecBinder(fileName);
        var spec = binder.Bind(document);
        List<SpecFault> outside = [];
        if (spec.Data.Root is { } root)
            spec = spec with { Data = spec.Data with { Root = Resolved(root, RootKey) } };
        if (spec.Retriever.Backbone is { } backbone)
            spec = spec with { Retriever = spec.Retriever with { Backbone = Resolved(backbone, BackboneKey) } };

        ImmutableArray<SpecFault> faults = [.. binder.Faults, .. outside, .. spec.Sweep is null ? RunFaults(spec, binder) : SweepFaults.Of(spec, binder)];
        return faults.IsEmpty ? SpecResult.Valid(spec) : SpecResult.Invalid(faults);

        string Resolved(string written, string key)
        {
            var (folder, fault) = resolve(written);
            if (fault is not null)
                outside.Add(binder.FaultAt(key, key, fault));
            return folder;
        }
    }

    private static IEnumerable<SpecFault> RunFaults(ExperimentSpec spec, SpecBinder binder)
    {
        var inert = InertOption.Of(spec).Select(option => new BrokenRule($"it has no effect with {option.Because}; leave it out", option.KeyPath, option.Cause));
        return SpecRules.Broken(spec).Concat(inert)
            .Where(rule => !rule.Keys.Any(binder.IsFaulty))
            .Select(rule => binder.FaultAt(rule.Keys[0], rule.Keys[0], rule.Message));
    }
}
