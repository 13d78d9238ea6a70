namespace JointFusion.Data;

/// <summary>Whether a folder still holds what its manifest says. Folders without a manifest pass.</summary>
internal static class ManifestCheck
{
    public static void Check(MbeirLayout layout, bool hashes, FaultList faults)
    {
        DataManifest? manifest;
        try
        {
            manifest = DataManifest.Read(layout);
        }
        catch (DataException error)
        {
            faults.Add(new DataFault(layout.Manifest, 0, error.InnerException!.Message));
            return;
        }

        foreach (var file in manifest?.Files ?? [])
        {
            if (file.DifferenceIn(layout, hashes) is { } difference) faults.Add(new DataFault(layout.Manifest, 0, difference));
        }
    }
}
