using System;
using EdgeMesh.Forwarding.Capsules;

namespace EdgeMesh.Tunnel.Paths;

/// <summary>What a worker tells the links of one of its paths.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Path">To which path.</param>
/// <param name="Hello">The peer's Hello, with <see cref="PathReportKind.HelloCame"/>.</param>
/// <param name="RoundTrip">With <see cref="PathReportKind.Carried"/>.</param>
/// <param name="Ending">With <see cref="PathReportKind.Ended"/>.</param>
/// <param name="Detail">Why it ended, for people.</param>
internal sealed record PathReport(
    PathReportKind Kind,
    PathInfo Path,
    Hello? Hello = null,
    TimeSpan RoundTrip = default,
    PathEnding Ending = default,
    string Detail = "");
