namespace JointFusion.Data;

/// <summary>A picture's patches as Qwen2-VL counts them (<c>image_grid_thw</c>); Time is 1 for a picture.</summary>
public sealed record ImageGrid(int Time, int Rows, int Columns);
