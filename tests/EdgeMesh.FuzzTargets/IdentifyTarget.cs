using System;
using System.Linq;
using EdgeMesh.Libp2p.Identify;

namespace EdgeMesh.FuzzTargets;

/// <summary>What a peer says about itself: what is read can be written and read again, the same.</summary>
public static class IdentifyTarget
{
    /// <summary>The bytes are a whole identify stream.</summary>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        if (!IdentifyCodec.TryDecode(bytes, out IdentifyInfo? info))
        {
            return;
        }

        byte[] written = IdentifyCodec.Encode(info);

        // What we merged from several messages may be too long for one of ours.
        if (written.Length > IdentifyLimits.MessageBytesMax)
        {
            return;
        }

        Invariant.Holds(IdentifyCodec.TryDecode(written, out IdentifyInfo? again), "what we write can be read");
        Invariant.Holds(info.AgentVersion == again!.AgentVersion, "the same agent");
        Invariant.Holds(info.ObservedAddress == again.ObservedAddress, "the same observed address");
        Invariant.Holds((info.Protocols ?? []).SequenceEqual(again.Protocols ?? []), "the same protocols");
        Invariant.Holds(
            (info.ListenAddresses ?? []).SequenceEqual(again.ListenAddresses ?? []), "the same addresses");
    }
}
