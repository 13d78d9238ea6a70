using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>One of M-BEIR's tasks: which modality asks for which. Id 5 (image to image,text) is invalid there, and so it is here.</summary>
public sealed record MbeirTask(int Id, Modality Query, Modality Candidate)
{
    public static ImmutableArray<MbeirTask> All { get; } =
    [
        new(0, Modality.Text, Modality.Image),
        new(1, Modality.Text, Modality.Text),
        new(2, Modality.Text, Modality.ImageText),
        new(3, Modality.Image, Modality.Text),
        new(4, Modality.Image, Modality.Image),
        new(6, Modality.ImageText, Modality.Text),
        new(7, Modality.ImageText, Modality.Image),
        new(8, Modality.ImageText, Modality.ImageText),
    ];

    /// <summary>Null when there is no such task.</summary>
    public static MbeirTask? Find(int id) => All.FirstOrDefault(task => task.Id == id);

    /// <summary>Null when no task joins these modalities.</summary>
    public static MbeirTask? Find(Modality query, Modality candidate) =>
        All.FirstOrDefault(task => task.Query == query && task.Candidate == candidate);
}
