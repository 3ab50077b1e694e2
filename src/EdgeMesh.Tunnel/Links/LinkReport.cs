using System;
using EdgeMesh.Tunnel.Mesh;
using EdgeMesh.Tunnel.Paths;

namespace EdgeMesh.Tunnel.Links;

/// <summary>A link as status shows it.</summary>
/// <param name="Peer">The far node.</param>
/// <param name="State">Where the link stands.</param>
/// <param name="Path">The connection that stands for all; null if there is none.</param>
/// <param name="LaneCount">Connections over which packets pass.</param>
/// <param name="LastError">Why the last dial failed or the last connection ended; empty if nothing did.</param>
/// <param name="LastEnding">How the last connection ended; null if none did.</param>
/// <param name="Connected">For how long packets could pass without a break; zero if they can't.</param>
/// <param name="RoundTrip">Of the last probe; zero before the first.</param>
public sealed record LinkReport(
    PeerInfo Peer,
    LinkState State,
    PathInfo? Path,
    int LaneCount,
    string LastError,
    PathEnding? LastEnding,
    TimeSpan Connected,
    TimeSpan RoundTrip);
