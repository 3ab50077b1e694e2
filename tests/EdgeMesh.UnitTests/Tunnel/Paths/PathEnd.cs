using EdgeMesh.Tunnel.Paths;

namespace EdgeMesh.UnitTests.Tunnel.Paths;

/// <summary>One of the two nodes of a <see cref="PathPair"/>; that with number 0 has the smaller peer id.</summary>
internal sealed class PathEnd(int number, int workers)
{
    public int Number { get; } = number;

    public int Workers { get; } = workers;

    /// <summary>Counts the starts of its process.</summary>
    public ulong Instance { get; private set; } = 1;

    /// <summary>Paths so far, of this process.</summary>
    public long Numbers { get; set; }

    public PathSet Set { get; private set; } = new(workers, firstWorker: 0, isDecider: number == 0);

    /// <summary>Whether packets could be sent over lane 0 once.</summary>
    public bool WasUsable { get; set; }

    public void StartAgain()
    {
        Instance++;
        Numbers = 0;
        WasUsable = false;
        Set = new PathSet(Workers, firstWorker: 0, isDecider: Number == 0);
    }
}
