namespace EdgeMesh.Traffic;

/// <summary>Tells the threads of a measurement to end. Each looks at it at least every 100 ms.</summary>
public sealed class StopFlag
{
    /// <summary>How long a thread may wait in the kernel before it looks again.</summary>
    public const int LookMillis = 100;

    private volatile bool _isSet;

    /// <summary>Whether to end.</summary>
    public bool IsSet => _isSet;

    /// <summary>Says so.</summary>
    public void Set() => _isSet = true;
}
