namespace EdgeMesh.Kubernetes.Objects;

/// <summary><c>spec</c> of a Lease.</summary>
public sealed class KubeLeaseSpec
{
    /// <summary>Who holds it; empty or null if it was given back.</summary>
    public string? HolderIdentity { get; set; }

    /// <summary>Seconds after which a holder that was not seen to renew has lost it.</summary>
    public int? LeaseDurationSeconds { get; set; }

    /// <summary>When the holder took it, with microseconds: <see cref="KubeTimestamp.FormatMicros"/>.</summary>
    public string? AcquireTime { get; set; }

    /// <summary>When the holder renewed it, by the holder's clock.</summary>
    public string? RenewTime { get; set; }

    /// <summary>How often it went from one holder to another.</summary>
    public int? LeaseTransitions { get; set; }
}
