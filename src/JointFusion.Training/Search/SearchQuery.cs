using JointFusion.Data;

namespace JointFusion.Training;

/// <summary>What a user asks of a retriever: a text, a picture, or both.</summary>
/// <param name="ImagePath">Of any picture file: absolute, or relative to the data set's root.</param>
/// <param name="Task">Of M-BEIR: the answer is looked for among that task's candidates alone, and the query carries its first instruction where the retriever was
/// trained with them. Null: among all candidates, without an instruction.</param>
public sealed record SearchQuery(string? Text, string? ImagePath, int? Task = null)
{
    /// <summary>Null where nothing was given.</summary>
    public Modality? Modality => (Text, ImagePath) switch
    {
        (null, null) => null,
        (_, null) => Data.Modality.Text,
        (null, _) => Data.Modality.Image,
        _ => Data.Modality.ImageText,
    };

    /// <summary>Why it cannot be asked, with the way out; null: it can.</summary>
    public string? Fault()
    {
        if (Modality is not { } modality)
            return "Nothing is asked: give a text, a picture, or both.";
        if (Text is not null && string.IsNullOrWhiteSpace(Text))
            return "The text is empty: give words, or a picture alone.";
        if (Task is not { } id)
            return null;
        if (MbeirTask.Find(id) is not { } task)
            return $"There is no task {id}; with {modality.Name()} one can ask {TasksFor(modality)}.";
        return task.Query == modality ? null : $"Task {id} is asked with {task.Query.Name()}, but {modality.Name()} was given; with that one can ask {TasksFor(modality)}.";
    }

    private static string TasksFor(Modality modality) =>
        string.Join(", ", MbeirTask.All.Where(task => task.Query == modality).Select(task => $"task {task.Id} (for {task.Candidate.Name()})"));
}
