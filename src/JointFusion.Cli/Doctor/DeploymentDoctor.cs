using System.Collections.Immutable;
using JointFusion.Data;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>Looks at all that a server or an agent on this machine rests on, and says what to mend. Changes nothing but for a file that it writes and removes.</summary>
/// <param name="server">The server's folder; it need not be there yet.</param>
/// <param name="certs">The folder of this machine's certificate; null: one machine alone, which needs none.</param>
/// <param name="dataRoots">What specs may read.</param>
/// <param name="listen">Where the server is to serve.</param>
/// <param name="journal">Where the server's journal is.</param>
internal sealed class DeploymentDoctor(ServerRoot server, string? certs, ImmutableArray<string> dataRoots, Uri listen, JournalPlace journal)
{
    private readonly bool isRunning = ServerFindings.IsHeld(server.Lock);

    public async Task<ImmutableArray<Finding>> ExamineAsync(CancellationToken cancel) =>
    [
        .. FolderFindings.Root(server.Path, beyondThisMachine: certs is not null),
        .. dataRoots.SelectMany(FolderFindings.Data),
        .. FolderFindings.Room([server.Path, UserFolders.Cache, UserFolders.State]),
        .. SecretFindings.Of(server, UserFolders.State),
        .. certs is null ? [Finding.Ok("certificates", "none asked for: this machine alone, by an authority of the user's own")] : CertificateFindings.Of(certs, DateTimeOffset.UtcNow),
        ServerFindings.Port(listen, isRunning),
        journal is SqliteJournal ? ServerFindings.Journal(server.Journal) : await ServerFindings.JournalAsync(journal, cancel),
        MachineFindings.Cores(),
        MachineFindings.Torch(),
        MachineFindings.Gpus(),
    ];
}
