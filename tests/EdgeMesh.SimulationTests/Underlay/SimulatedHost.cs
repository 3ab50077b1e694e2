using System.Collections.Generic;
using System.Linq;
using System.Net;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>A machine: its kernel's sockets, and one process with its loops.</summary>
public sealed class SimulatedHost
{
    private const int EphemeralPortMin = 32768;

    private readonly SimulatedWorld _world;
    private readonly List<SimulatedNodeLoop> _loops = [];
    private readonly HashSet<SimulatedSocket> _sockets = [];
    private readonly List<SimulatedSocket> _order = []; // as sets have no order that a seed would repeat
    private readonly Dictionary<int, SimulatedListener> _listeners = [];
    private int _lastPort = EphemeralPortMin;

    internal SimulatedHost(SimulatedWorld world, string name, IPAddress address)
    {
        _world = world;
        Name = name;
        Address = address;
    }

    public string Name { get; }

    public IPAddress Address { get; }

    public SimulatedWorld World => _world;

    /// <summary>Whether the machine is off: nothing comes back from it, not even a refusal.</summary>
    public bool IsDown { get; private set; }

    /// <summary>Whether its kernel refuses each dial.</summary>
    public bool RefusesDials { get; set; }

    /// <summary>Loops of its process.</summary>
    public IReadOnlyList<SimulatedNodeLoop> Loops => _loops;

    /// <summary>Sockets that its kernel has.</summary>
    public int SocketCount => _sockets.Count;

    /// <summary>Bytes in their buffers.</summary>
    public long SocketBytes => _sockets.Sum(socket => socket.BufferedBytes);

    /// <summary>Starts a loop of the host's process.</summary>
    public SimulatedNodeLoop AddLoop(string name)
    {
        var loop = new SimulatedNodeLoop(this, $"{Name}/{name}");
        _loops.Add(loop);
        return loop;
    }

    /// <summary>Stops the process where it stands, or lets it go on. Its kernel answers all the same.</summary>
    public void Freeze(bool isFrozen)
    {
        _world.Trace(isFrozen ? "freezes" : "thaws", Name);
        foreach (SimulatedNodeLoop loop in _loops)
        {
            loop.IsFrozen = isFrozen;
        }
    }

    /// <summary>Ends the process at once; the kernel closes its connections, and the far ends are told.</summary>
    public void KillProcess()
    {
        _world.Trace("killed", Name, _sockets.Count);
        EndLoops();
        foreach (SimulatedSocket socket in _order.ToArray())
        {
            socket.CloseByKernel();
        }
    }

    /// <summary>Cuts the machine's power: nobody is told.</summary>
    public void PowerOff()
    {
        _world.Trace("vanishes", Name, _sockets.Count);
        IsDown = true;
        EndLoops();
        foreach (SimulatedSocket socket in _order.ToArray())
        {
            socket.Forget();
        }
    }

    /// <summary>The machine is there again, without any connection: who sends on an old one gets a reset.</summary>
    public void PowerOn()
    {
        _world.Trace("boots", Name);
        IsDown = false;
    }

    internal int TakePort() => ++_lastPort;

    internal void Add(SimulatedSocket socket)
    {
        _sockets.Add(socket);
        _order.Add(socket);
    }

    internal void Remove(SimulatedSocket socket)
    {
        if (_sockets.Remove(socket))
        {
            _order.Remove(socket);
        }
    }

    internal SimulatedListener? FindListener(int port) => _listeners.GetValueOrDefault(port);

    internal bool TryAddListener(int port, SimulatedListener listener) => _listeners.TryAdd(port, listener);

    internal void RemoveListener(int port) => _listeners.Remove(port);

    private void EndLoops()
    {
        foreach (SimulatedNodeLoop loop in _loops)
        {
            loop.Kill();
        }

        _loops.Clear();
        _listeners.Clear();
    }
}
