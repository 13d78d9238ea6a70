namespace JointFusion.Data;

/// <summary>A folder that a program derives and finds again: whole by its manifest, or not there at all.</summary>
/// <remarks>
/// It is built in a folder beside, the manifest last, and renamed. Of processes that build at the same time the first to rename wins;
/// the others throw their own copy away. Nothing is locked, so nothing stays locked behind a process that was killed.
/// </remarks>
/// <param name="replaceable">Whether a damaged folder may be thrown away: not where a user chose the place.</param>
internal sealed class DerivedFolder(MbeirLayout layout, bool replaceable)
{
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    /// <param name="build">Writes everything but the manifest into the folder it is given, and returns the manifest.</param>
    /// <param name="trusted">Whether the manifest is believed without a look at the size of each file.</param>
    /// <exception cref="DataException">The folder is damaged or holds something else, and is not replaceable.</exception>
    public DataManifest Ensure(Func<MbeirLayout, DataManifest> build, IProgress<DataProgress>? progress, bool trusted = false)
    {
        var (manifest, damage) = Inspect(trusted);
        if (manifest is not null) return manifest;

        if (damage is not null)
        {
            if (!replaceable) throw new DataException($"{layout.Root}: {damage}. Delete the folder, or choose another.");
            progress?.Report(new DataProgress($"building {layout.Root} again: {damage}", 0, 0));
        }

        DeleteAbandoned();
        return BuildBeside(build);
    }

    /// <summary>Both null: there is nothing yet.</summary>
    private (DataManifest? Manifest, string? Damage) Inspect(bool trusted = false)
    {
        if (!Directory.Exists(layout.Root) || !Directory.EnumerateFileSystemEntries(layout.Root).Any()) return (null, null);

        try
        {
            var manifest = DataManifest.Read(layout);
            var damage = manifest is null ? "manifest.json is missing" : trusted ? null : manifest.FirstDifference(layout);
            return damage is null ? (manifest, null) : (null, damage);
        }
        catch (DataException error)
        {
            return (null, error.Message);
        }
    }

    private DataManifest BuildBeside(Func<MbeirLayout, DataManifest> build)
    {
        var beside = new MbeirLayout($"{layout.Root}.tmp-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(beside.Root);
            var manifest = build(beside);
            manifest.Write(beside);
            return Publish(beside, manifest);
        }
        finally
        {
            if (Directory.Exists(beside.Root)) Directory.Delete(beside.Root, recursive: true);
        }
    }

    private DataManifest Publish(MbeirLayout beside, DataManifest manifest)
    {
        if (TryMove(beside)) return manifest;
        if (Inspect().Manifest is { } others) return others;

        // Empty or damaged: it makes room.
        var aside = $"{layout.Root}.tmp-{Guid.NewGuid():N}";
        Directory.Move(layout.Root, aside);
        Directory.Delete(aside, recursive: true);
        return TryMove(beside) ? manifest : Inspect().Manifest ?? throw new DataException($"{layout.Root}: another process keeps writing there.");
    }

    private bool TryMove(MbeirLayout beside)
    {
        try
        {
            Directory.Move(beside.Root, layout.Root);
            return true;
        }
        catch (IOException) when (Directory.Exists(layout.Root))
        {
            return false;
        }
    }

    // What a killed build left behind; one that is still at work is younger.
    private void DeleteAbandoned()
    {
        var parent = Directory.CreateDirectory(Path.GetDirectoryName(layout.Root)!);
        foreach (var folder in parent.EnumerateDirectories($"{Path.GetFileName(layout.Root)}.tmp-*"))
        {
            if (DateTime.UtcNow - folder.LastWriteTimeUtc > Abandoned) folder.Delete(recursive: true);
        }
    }
}
