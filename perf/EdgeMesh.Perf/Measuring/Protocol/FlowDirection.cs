namespace EdgeMesh.Perf.Measuring.Protocol;

/// <summary>Where bulk goes.</summary>
public enum FlowDirection
{
    /// <summary>From the client to the server.</summary>
    Up,

    /// <summary>From the server to the client (<c>--reverse</c>).</summary>
    Down,

    /// <summary>Both at once, each with all streams (<c>--bidir</c>).</summary>
    Both,
}
