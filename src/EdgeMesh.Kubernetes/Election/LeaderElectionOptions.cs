using System;

namespace EdgeMesh.Kubernetes.Election;

/// <summary>
/// Times of an election. <see cref="LeaseDuration"/> is the time in which nobody leads after a leader died.
/// </summary>
public sealed record LeaderElectionOptions
{
    /// <summary>A leader that was not seen to renew for so long has lost the Lease. Whole seconds.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// A leader that could not renew for so long stops. What is left until <see cref="LeaseDuration"/> is the time it
    /// has to stop.
    /// </summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two attempts to take or renew.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest wait for one answer; shorter than <see cref="RenewDeadline"/>.</summary>
    public TimeSpan RequestTimeLimit { get; init; } = TimeSpan.FromSeconds(5);
}
