using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>One state for a whole sequence.</summary>
internal static class Pooling
{
    /// <summary>The state at the first place that is marked; at the first of all where none is, as in the reference.</summary>
    /// <param name="marked_NS">Bool.</param>
    public static Tensor FirstWhere_NW(Tensor states_NSW, Tensor marked_NS)
    {
        // Places are compared and not flags: which of equal flags argmax finds is not said anywhere.
        var places_S = Scalars.Counting(0, marked_NS.size(1), marked_NS.device);
        return At_NW(states_NSW, where(marked_NS, places_S, places_S.Shifted(marked_NS.size(1))).argmin(1));
    }

    /// <summary>The state of the last token, on whichever side the padding is.</summary>
    /// <param name="present_NS">Nonzero where there is a token; null: everywhere.</param>
    public static Tensor Last_NW(Tensor states_NSW, Tensor? present_NS)
    {
        if (present_NS is null)
            return states_NSW.select(1, -1);
        var places_S = Scalars.Counting(0, present_NS.size(1), present_NS.device);
        return At_NW(states_NSW, where(present_NS.EqualTo(0), places_S.Shifted(-present_NS.size(1)), places_S).argmax(1));
    }

    /// <summary>The mean over the tokens.</summary>
    /// <param name="present_NS">Nonzero where there is a token; null: everywhere.</param>
    public static Tensor Mean_NW(Tensor states_NSW, Tensor? present_NS)
    {
        if (present_NS is null)
            return states_NSW.mean([1]);
        var weights_NS1 = present_NS.EqualTo(0).logical_not().to(states_NSW.dtype).unsqueeze(2);
        return (states_NSW * weights_NS1).sum(1) / weights_NS1.sum(1);
    }

    private static Tensor At_NW(Tensor states_NSW, Tensor places_N) =>
        states_NSW.gather(1, places_N.view(-1, 1, 1).expand(-1, 1, states_NSW.size(2))).squeeze(1);
}
