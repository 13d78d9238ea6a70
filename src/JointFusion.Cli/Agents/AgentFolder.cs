using JointFusion.Data;

namespace JointFusion.Cli;

/// <summary>A node's own folder in its user's state folder, held while its agent runs: of two agents of one name the second is refused.</summary>
internal sealed class AgentFolder : IDisposable
{
    private readonly FileStream held;

    private AgentFolder(string path, FileStream held) => (Logs, this.held) = (Path.Combine(path, "logs"), held);

    public string Logs { get; }

    /// <exception cref="BadInputException">An agent of this name runs already, or the name is none.</exception>
    public static AgentFolder Hold(string node)
    {
        if (node.Length == 0 || node.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_' or '.')) || node.StartsWith('.'))
            throw new BadInputException($"--name \"{node}\": letters, digits, '-', '_' and '.', not beginning with a dot.");
        var path = Path.Combine(UserFolders.State, "agents", node);
        try
        {
            Directory.CreateDirectory(path);
            return new AgentFolder(path, new FileStream(Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: another agent called {node} runs on this machine, or the folder cannot be written ({refused.Message}). Give another --name.");
        }
    }

    public void Dispose() => held.Dispose();
}
