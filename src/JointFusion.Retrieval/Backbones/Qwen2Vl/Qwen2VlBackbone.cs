using JointFusion.Experiments;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Qwen2-VL: merged patches of pictures of any size stand in place of image tokens in Qwen2's sequence.</summary>
public sealed class Qwen2VlBackbone : SequenceBackbone
{
    private readonly VisionTower vision;
    private readonly LanguageModel language;
    private readonly Qwen2VlConfig config;
    private readonly bool languageHead;

    internal Qwen2VlBackbone(Qwen2VlConfig config, Placement placement, bool languageHead) : base(nameof(Qwen2VlBackbone))
    {
        this.config = config;
        this.languageHead = languageHead;
        register_module("visual", vision = new VisionTower(config.VisionConfig, placement));
        language = new LanguageModel(config.Shape, placement, languageHead);
        language.RegisterInto(this);
        Tied = language.TiedNames("");
        Unused = language.UnusedNames("");
    }

    public override int Width => config.HiddenSize;

    internal override IReadOnlyDictionary<string, string> Tied { get; }

    internal override IReadOnlySet<string> Unused { get; }

    private int Merge => config.VisionConfig.SpatialMergeSize;

    /// <param name="inputs">Ids with as many image tokens as their pictures have merged patches; of the pictures patches and grids, in the order of the texts.</param>
    /// <param name="causal">Whether a token sees only those before it, as in its pretraining.</param>
    /// <returns>[N, S, W], normed.</returns>
    /// <exception cref="ArgumentException">Image tokens and pictures do not fit together.</exception>
    public Tensor Encode_NSW(BackboneInputs inputs, bool causal = true, Trace? trace = null)
    {
        var ids_NS = inputs.Ids;
        var grids = inputs.Grid_I3 is null ? [] : PatchGrid.Read(inputs.Grid_I3, Merge);
        var positions = MultimodalPositions.Of(ids_NS, inputs.Present_NS, grids, config.ImageTokenId!.Value, Merge);
        trace?.Add("position_ids", positions.Positions_3NS);
        trace?.Add("rope_deltas", positions.Deltas_N1);
        var embedded_RW = language.Decoder.Table.call(ids_NS.reshape(-1));
        if (inputs.Pixels is not null)
            embedded_RW = embedded_RW.WithImages(ids_NS.PlacesOf(config.ImageTokenId.Value), vision.call(inputs.Pixels, grids, null));
        var packing = inputs.Packing(causal);
        return packing.Only(language.call(new DecoderInput(embedded_RW, positions.Positions_3NS.flatten(1), packing), trace));
    }

    public override void Run(BackboneInputs inputs, Trace trace)
    {
        if (inputs.Ids_NS is null)
        {
            var (pixels, grid) = (inputs.Pixels, inputs.Grid_I3);
            if (pixels is null || grid is null)
                throw new ArgumentException("There are neither input_ids, nor pixel_values with their image_grid_thw.");
            vision.call(pixels, PatchGrid.Read(grid, Merge), trace);
            return;
        }
        var last_NSW = Encode_NSW(inputs, causal: true, trace);
        if (languageHead)
            trace.Add("logits", language.Logits(last_NSW));
    }

    internal override long[] ImageTokens(int patches) =>
        [config.VisionStartTokenId, .. Enumerable.Repeat(config.ImageTokenId!.Value, patches / (Merge * Merge)), config.VisionEndTokenId];

    internal override Tensor Encode_RW(PackedSequences sequences, IReadOnlyList<Pictures> pictures, bool causal)
    {
        // Pictures of as many patches stand next to each other, whatever texts they came with: they attend together.
        Pictures[] sizes = [.. pictures.OrderBy(size => size.Patches_NPX.size(1))];
        var grids = sizes.SelectMany(size => size.Sequences.Select(sequence => (sequence, Grid(size)))).ToDictionary();
        int[] shown = [.. sizes.SelectMany(size => size.Sequences)];
        var positions_3R = MultimodalPositions.Of(sequences, grids, config.ImageTokenId!.Value, Merge);
        var embedded_RW = language.Decoder.Table.call(sequences.Ids_R);
        if (shown.Length > 0)
        {
            var places_I = sequences.RowsOf(config.ImageTokenId.Value, shown);
            var patches_RX = Packing.Join(sizes.Select(size => PictureLayout.Blocks(size.Patches_NPX, size.Columns, config.VisionConfig)));
            embedded_RW = embedded_RW.WithImages(places_I, vision.call(patches_RX, [.. shown.Select(sequence => grids[sequence])], null));
        }
        return language.call(new DecoderInput(embedded_RW, positions_3R, sequences.Packing(causal)), null);
    }

    private static PatchGrid Grid(Pictures size) => new(1, PictureLayout.Rows(size.Patches_NPX, size.Columns), size.Columns);
}
