namespace JointFusion.Data;

/// <summary>One version of a package of npm's registry, known by its archive's content.</summary>
/// <param name="Sha512">Of the archive, in base64: what npm's lock files call its integrity.</param>
internal sealed record NpmPackage(string Name, string Version, string Sha512)
{
    /// <summary>As <c>npm pack</c> names the file.</summary>
    public string Archive => $"{Name.TrimStart('@').Replace('/', '-')}-{Version}.tgz";

    public override string ToString() => $"{Name}@{Version}";
}
