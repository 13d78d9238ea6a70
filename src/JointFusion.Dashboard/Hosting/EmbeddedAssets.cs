namespace JointFusion.Dashboard;

/// <summary>Style sheets and scripts, embedded so that they are there wherever the assembly is.</summary>
internal static class EmbeddedAssets
{
    public static string Text(string name)
    {
        using var reader = new StreamReader(Open(name));
        return reader.ReadToEnd();
    }

    public static Stream Open(string name) =>
        typeof(EmbeddedAssets).Assembly.GetManifestResourceStream(name)
        ?? throw new InvalidOperationException($"The assembly lacks its resource {name}: it was built without Assets/{name}.");
}
