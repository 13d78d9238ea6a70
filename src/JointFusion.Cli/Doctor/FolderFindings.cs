namespace JointFusion.Cli;

/// <summary>Folders: are they there, can they be written, is there room.</summary>
internal static class FolderFindings
{
    private const long Little = 10_000_000_000;
    private const long TooLittle = 1_000_000_000;

    /// <summary>Of file systems that several machines can have; by Linux's names.</summary>
    private static readonly string[] Shared = ["nfs", "nfs4", "cifs", "smb", "smb2", "lustre", "ceph", "glusterfs", "fuse", "fuseblk", "beegfs", "gpfs", "9p", "afs"];

    /// <param name="beyondThisMachine">Whether other machines are to see it too.</param>
    public static IEnumerable<Finding> Root(string root, bool beyondThisMachine)
    {
        var existing = Existing(root);
        if (!Directory.Exists(root))
            yield return Finding.Ok("root", $"{root} is not there yet: jf serve makes it");
        var probe = Path.Combine(existing, $".doctor-{Guid.NewGuid():N}");
        yield return Written(probe, existing);
        var kind = new DriveInfo(existing).DriveFormat;
        yield return !beyondThisMachine ? Finding.Ok("root shared", "not needed on one machine")
            : Shared.Contains(kind, StringComparer.OrdinalIgnoreCase) ? Finding.Ok("root shared", $"{kind}, which several machines can have; each run proves that its ranks see the same one")
            : Finding.Warn("root shared", $"{existing} is on {kind}, which is this machine's alone", "put the root on a file system that all machines have at the same path, such as NFS");
    }

    public static IEnumerable<Finding> Data(string folder)
    {
        if (!Directory.Exists(folder))
        {
            yield return Finding.Warn("data", $"{folder} is not there", "give the folders with your data: --data-root DIR, or build the icons set: jf data icons");
            yield break;
        }
        yield return Read(folder);
    }

    public static IEnumerable<Finding> Room(IEnumerable<string> folders) => folders.Select(Existing).DistinctBy(folder => new DriveInfo(folder).Name).Select(folder =>
    {
        var free = new DriveInfo(folder).AvailableFreeSpace;
        return free < TooLittle ? Finding.Fail("disk", $"{folder}: {Sizes.Text(free)} free", "make room: jf gc, or a larger disk")
            : free < Little ? Finding.Warn("disk", $"{folder}: {Sizes.Text(free)} free", "make room soon: jf gc, or jf serve --gc-older-than 30d")
            : Finding.Ok("disk", $"{folder}: {Sizes.Text(free)} free");
    });

    private static Finding Written(string probe, string folder)
    {
        try
        {
            using var file = new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            file.WriteByte(1);
            file.Flush(flushToDisk: true);
            return Finding.Ok("root", $"{folder} can be written");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return Finding.Fail("root", $"{folder} cannot be written: {refused.Message}", "give this user the right to, or another --root");
        }
    }

    private static Finding Read(string folder)
    {
        try
        {
            var entries = Directory.EnumerateFileSystemEntries(folder).Take(1).Count();
            return entries > 0 ? Finding.Ok("data", $"{folder} can be read") : Finding.Warn("data", $"{folder} is empty", "put data there, or build the icons set: jf data icons");
        }
        catch (UnauthorizedAccessException refused)
        {
            return Finding.Fail("data", $"{folder} cannot be read: {refused.Message}", "give this user the right to");
        }
    }

    /// <summary>The folder, or the nearest above it that is there.</summary>
    private static string Existing(string folder)
    {
        while (!Directory.Exists(folder))
            folder = Path.GetDirectoryName(folder) ?? Path.DirectorySeparatorChar.ToString();
        return folder;
    }
}
