using JointFusion.Cli;
using Xunit;

namespace JointFusion.Tests;

/// <summary><c>jf search</c>: what it refuses, in words, before any tensor is made. What it finds is for the tests that train.</summary>
public sealed class SearchVerbTests : IDisposable
{
    private readonly SavedExperiment saved = new();
    private readonly CliRun cli = new();

    public void Dispose()
    {
        cli.Dispose();
        saved.Dispose();
    }

    private string Run => saved.Folder.Run(SavedExperiment.Early).Path;

    [Theory]
    [InlineData("Nothing is asked: give a text, a picture, or both. (--text, --image, --task)")]
    [InlineData("There is no task 5; with text one can ask task 0 (for image), task 1 (for text), task 2 (for image,text).", "--text", "x", "--task", "5")]
    [InlineData("Task 7 is asked with image,text, but text was given", "--text", "x", "--task", "7")]
    [InlineData("nowhere.png: there is no such picture", "--image", "nowhere.png")]
    [InlineData("--top 0: lists at least 1 candidate", "--text", "x", "--top", "0")]
    [InlineData("'gpu' not recognized", "--text", "x", "--device", "gpu")]
    public async Task Should_say_what_can_be_asked_When_the_question_makes_no_sense(string words, params string[] question) => await Refused(words, Run, question);

    [Fact]
    public async Task Should_name_the_way_out_When_there_is_no_such_retriever()
    {
        await Refused("there is no such folder", Path.Combine(saved.Folder.Path, "nowhere"), "--text", "x");
        await Refused("an experiment of several runs. Name one of them", saved.Folder.Path, "--text", "x");
        await Refused("no whole checkpoint", Run, "--text", "x");
        saved.Save(SavedExperiment.Early, 10);
        saved.Save(SavedExperiment.Early, 20);
        await Refused("step-000007: there is no such checkpoint. There are steps 10, 20.", Run, "--text", "x", "--checkpoint", "7");
    }

    [Fact]
    public async Task Should_say_what_brings_them_back_When_the_data_are_gone()
    {
        saved.Save(SavedExperiment.Early, 10);
        saved.ReplaceInPlan(SavedExperiment.Early, "\"source\": \"icons\"", "\"source\": \"mbeir\"");
        Directory.Move(saved.Data.Root, saved.Data.Root + ".away");
        try
        {
            await Refused($"{saved.Data.Root}: the data set that the run was trained on is gone", Run, "--text", "x");
            Assert.Contains("name its new place with --data", cli.Error);
        }
        finally
        {
            Directory.Move(saved.Data.Root + ".away", saved.Data.Root);
        }
    }

    private async Task Refused(string words, string retriever, params string[] question)
    {
        Assert.Equal(ExitCode.BadInput, await cli.Jf(["search", retriever, .. question]));
        Assert.Contains(words, cli.Error);
        Assert.Empty(cli.Out);
    }
}
