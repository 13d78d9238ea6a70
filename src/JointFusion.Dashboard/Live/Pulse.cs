using System.Threading.Channels;

namespace JointFusion.Dashboard;

/// <summary>Tells any number of readers that there is something new. A slow reader is told once, not once for each thing it missed.</summary>
internal sealed class Pulse
{
    private readonly Lock gate = new();
    private readonly HashSet<Reader> readers = [];

    public int Readers
    {
        get
        {
            lock (gate)
                return readers.Count;
        }
    }

    public void Beat()
    {
        lock (gate)
        {
            foreach (var reader in readers)
                reader.Note();
        }
    }

    /// <summary>Hears every beat from now on, until it is disposed.</summary>
    public Reader Subscribe()
    {
        var reader = new Reader(this);
        lock (gate)
            readers.Add(reader);
        return reader;
    }

    /// <summary>One reader's memory of beats: one or none.</summary>
    internal sealed class Reader(Pulse pulse) : IDisposable
    {
        private readonly Channel<bool> beats = Channel.CreateBounded<bool>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

        /// <summary>Returns once there was a beat since the last call.</summary>
        public async Task NextAsync(CancellationToken cancel) => await beats.Reader.ReadAsync(cancel);

        public void Dispose()
        {
            lock (pulse.gate)
                pulse.readers.Remove(this);
        }

        public void Note() => beats.Writer.TryWrite(true);
    }
}
