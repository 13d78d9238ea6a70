namespace JointFusion.Dashboard;

/// <summary>Puts a page into the navigation of all pages. A page without it is reached by links alone.</summary>
/// <param name="title">A word.</param>
/// <param name="path">One of its routes, without the slash before it. Pages below it keep the link marked.</param>
/// <param name="place">Lower ones come first.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NavPageAttribute(string title, string path, int place) : Attribute
{
    public string Title => title;

    public string Path => path;

    public int Place => place;

    /// <summary>Whether it is of use only where a server takes experiments: <c>jf run</c> has its runs already. Default no.</summary>
    public bool NeedsServer { get; init; }

    /// <summary>Whether it is of use only where trained retrievers answer. Default no.</summary>
    public bool NeedsRetrievers { get; init; }

    /// <summary>Only who may do at least this is shown the link. Default everybody.</summary>
    public ApiRole Role { get; init; } = ApiRole.Viewer;
}
