using System;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Perf.Lab;
using EdgeMesh.Traffic;

namespace EdgeMesh.SystemTests.Traffic;

/// <summary>
/// Datagrams from one pod to another, where a socket takes them and no program reads, until disposed.
/// </summary>
internal sealed class UdpFlood : IAsyncDisposable
{
    private readonly Socket _far;
    private readonly Socket _near;
    private readonly FlowCounters _counters = new();
    private readonly StopFlag _stop = new();
    private readonly Task _sending;

    /// <summary>Starts it.</summary>
    /// <param name="from">Who sends.</param>
    /// <param name="to">Who gets it.</param>
    /// <param name="datagramBytes">Payload of each datagram.</param>
    /// <param name="perSecond">Datagrams a second; 0: flat out.</param>
    public UdpFlood(LabPod from, LabPod to, int datagramBytes, double perSecond)
    {
        _far = to.Network.BindUdp(new IPEndPoint(to.Plan.Address4, 0));
        _near = from.Network.OpenSocket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        _near.Connect(_far.LocalEndPoint!);
        _sending = LabThread.Run("flood", () => UdpFlow.Send(_near, datagramBytes, perSecond, _counters, _stop));
    }

    /// <summary>Datagrams that left.</summary>
    public long Sent => _counters.Packets;

    public async ValueTask DisposeAsync()
    {
        _stop.Set();
        await _sending;
        _near.Dispose();
        _far.Dispose();
    }
}
