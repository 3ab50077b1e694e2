using System;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Traffic;

namespace EdgeMesh.SystemTests.Traffic;

/// <summary>UDP sockets of two pods: one is connected to the other, which has room for bursts.</summary>
internal sealed class UdpPair : IDisposable
{
    private UdpPair(Socket near, Socket far) => (Near, Far) = (near, far);

    /// <summary>Sends to <see cref="Far"/>.</summary>
    public Socket Near { get; }

    /// <summary>Receives.</summary>
    public Socket Far { get; }

    /// <summary>Opens both.</summary>
    /// <param name="from">Who sends.</param>
    /// <param name="to">Who gets it.</param>
    public static async Task<UdpPair> OpenAsync(LabPod from, LabPod to)
    {
        Socket far = to.Network.BindUdp(new IPEndPoint(to.Plan.Address4, 0));
        ReceiveBuffer.Grow(far);
        Socket near = from.Network.OpenSocket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await near.ConnectAsync(far.LocalEndPoint!);
        return new UdpPair(near, far);
    }

    /// <summary>Closes both.</summary>
    public void Dispose()
    {
        Near.Dispose();
        Far.Dispose();
    }
}
