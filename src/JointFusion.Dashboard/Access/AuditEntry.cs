using System.Text.Json.Serialization;

namespace JointFusion.Dashboard;

/// <summary>A line of the audit log.</summary>
/// <param name="Who">Name of the token; of a change of tokens, the user of the shell; <c>-</c> for who showed none.</param>
/// <param name="Role">Null for who showed no token, and in the shell.</param>
/// <param name="From">Address; null: this machine's shell.</param>
/// <param name="What">The command, such as submit or drain.</param>
/// <param name="On">What it was about: an experiment, a run, a node, a token's name.</param>
/// <param name="Outcome">An HTTP status with its words, or what was done.</param>
/// <param name="Times">So often since the line before it of the same kind; only requests without a token are counted so.</param>
public sealed record AuditEntry(
    DateTimeOffset At, string Who, ApiRole? Role, string? From, string What, string On, string Outcome,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int? Times = null);
