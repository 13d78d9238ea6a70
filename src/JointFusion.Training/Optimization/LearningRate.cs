using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>The rate as a pure function of the step: a schedule has no state to save.</summary>
public static class LearningRate
{
    /// <param name="step">From 1, within the stage.</param>
    public static double At(StageSpec stage, int step)
    {
        if (step <= stage.WarmupSteps)
            return stage.LearningRate * step / stage.WarmupSteps;
        if (stage.Schedule == Schedule.Constant)
            return stage.LearningRate;
        var progress = (step - stage.WarmupSteps - 1) / (double)Math.Max(1, stage.Steps - stage.WarmupSteps);
        return stage.LearningRate * 0.5 * (1 + Math.Cos(Math.PI * progress));
    }
}
