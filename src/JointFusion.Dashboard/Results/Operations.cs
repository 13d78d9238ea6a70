namespace JointFusion.Dashboard;

/// <summary>Which tasks and operations bear on the claim, and which one is a control.</summary>
public static class Operations
{
    /// <summary>The whole task.</summary>
    public const string All = "all";

    /// <summary>The whole task without its control; only in comparisons.</summary>
    public const string AllButControl = "all_but_toggle";

    private const string Control = "toggle";

    /// <summary>What a reader must know of the control wherever it is shown.</summary>
    public const string ControlNote =
        "Inexpressible by a sum of a picture and a text embedding by construction: a control, not evidence for the claim.";

    /// <summary>An exclusive-or of picture and text.</summary>
    public static bool IsControl(string operation) => operation == Control;

    /// <summary>Whether it sums up other operations of its task.</summary>
    public static bool IsWhole(string operation) => operation is All or AllButControl;

    /// <summary>Whether the whole task says something that its operations do not: there are several.</summary>
    public static bool WholeIsWorthShowing(IEnumerable<string> operationsOfTask) =>
        operationsOfTask.Where(operation => !IsWhole(operation)).Distinct(StringComparer.Ordinal).Skip(1).Any();

    /// <summary>Queries made of a picture and a text: M-BEIR tasks 6, 7 and 8.</summary>
    public static bool IsComposed(int task) => task is 6 or 7 or 8;

    /// <summary>The task as M-BEIR writes it.</summary>
    public static string TaskName(int task) => task switch
    {
        0 => "text → image",
        1 => "text → text",
        2 => "text → image + text",
        3 => "image → text",
        4 => "image → image",
        6 => "image + text → text",
        7 => "image + text → image",
        8 => "image + text → image + text",
        _ => $"task {task}",
    };

    /// <summary>An operation's name for reading.</summary>
    public static string Name(string operation) => operation switch
    {
        All => "whole task",
        AllButControl => "all but toggle",
        _ => operation,
    };
}
