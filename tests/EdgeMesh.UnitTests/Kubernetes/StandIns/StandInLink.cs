namespace EdgeMesh.UnitTests.Kubernetes.StandIns;

/// <summary>How an edge node's link to the cloud is.</summary>
public enum StandInLink
{
    /// <summary>It works.</summary>
    Online,

    /// <summary>edgehub knows that it is down: requests are served from the cache at once.</summary>
    Offline,

    /// <summary>edgehub does not know yet: each request waits before it is served from the cache.</summary>
    HalfDead,
}
