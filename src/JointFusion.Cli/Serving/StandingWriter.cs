using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>Notes beside each run, and in the root, what the journal alone would know of them: see <see cref="JournalRebuild"/>. Behind the journal by moments; nothing waits for it.</summary>
/// <param name="output">Takes a line on what cannot be written.</param>
internal sealed class StandingWriter(ServedExperiments store, CoordinatorClient coordinator, TextWriter output)
{
    private readonly Dictionary<string, string> written = new(StringComparer.Ordinal);
    private string? told;

    /// <summary>Until the coordinator or <paramref name="cancel"/> ends it.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var feed = coordinator.Subscribe();
        var isBehind = !await NoteAllAsync();
        await foreach (var happened in feed.ReadAllAsync(cancel))
        {
            if (happened is RunChanged { Run: var run })
                await NoteAsync(store.RunFolderOf(run.Name).Standing, RunStanding.Of(run), RunStanding.New);
            if (isBehind || happened is RoomChanged)
                isBehind = !await NoteAllAsync();
        }
    }

    /// <returns>False: the coordinator is away.</returns>
    private async Task<bool> NoteAllAsync()
    {
        try
        {
            var now = await coordinator.Snapshot();
            await NoteAsync(new ServerRoot(store.Root).Room, RoomStanding.Of(now), RoomStanding.Open);
            foreach (var run in now.Runs)
                await NoteAsync(store.RunFolderOf(run.Name).Standing, RunStanding.Of(run), RunStanding.New);
            return true;
        }
        catch (CoordinatorAwayException)
        {
            return false;
        }
    }

    /// <param name="nothing">What is as good as no file.</param>
    private async Task NoteAsync<T>(string path, T note, T nothing)
    {
        var text = NoteFile.TextOf(note);
        try
        {
            if (!Directory.Exists(Path.GetDirectoryName(path)))
                return; // Its user has thrown the experiment away; the journal remembers.
            if (written.GetValueOrDefault(path) is { } known ? known == text : File.Exists(path) ? await File.ReadAllTextAsync(path) == text : text == NoteFile.TextOf(nothing))
                return;
            NoteFile.Write(path, text);
            written[path] = text;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            written.Remove(path); // Tried again with the next change.
            if (told != refused.Message)
                await output.WriteLineAsync($"{path}: {refused.Message} Were the journal lost now, this would be forgotten.");
            told = refused.Message;
        }
    }
}
