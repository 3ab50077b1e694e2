using System;

namespace EdgeMesh.Libp2p.Yamux;

/// <summary>Doubles the receive windows of fast streams, as long as the session's budget for that lasts.</summary>
/// <param name="budgetBytes">What all windows together may grow beyond their initial size.</param>
internal sealed class YamuxWindowGrowth(long budgetBytes)
{
    private long _grownBytes;

    /// <summary>Grows a window that its peer used up within a few round trips.</summary>
    /// <returns>Bytes that it grew by; 0 if it need not, or may not.</returns>
    public long Grow(YamuxStream stream, long now, long roundTripNanoseconds)
    {
        bool isUsedUpFast = roundTripNanoseconds > 0
            && stream.WindowUpdatedAt > 0
            && now - stream.WindowUpdatedAt < YamuxLimits.GrowthRoundTrips * roundTripNanoseconds;
        long growth = Math.Min(stream.WindowBytes, YamuxLimits.WindowBytesMax - stream.WindowBytes);
        if (stream.IsWindowFixed || !isUsedUpFast || _grownBytes + growth > budgetBytes)
        {
            return 0;
        }

        _grownBytes += growth;
        stream.WindowBytes += growth;
        return growth;
    }

    /// <summary>Gives back what the window of a closed stream grew by.</summary>
    public void Release(YamuxStream stream)
    {
        if (!stream.IsWindowFixed)
        {
            _grownBytes -= stream.WindowBytes - YamuxLimits.InitialWindowBytes;
        }
    }
}
