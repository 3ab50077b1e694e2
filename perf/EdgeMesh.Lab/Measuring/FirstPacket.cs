using System;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Traffic;

namespace EdgeMesh.Lab.Measuring;

/// <summary>How long something takes until the first datagram passes between two pods.</summary>
public static class FirstPacket
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Starts something, and sends a datagram every 2 ms until one has gone to the far pod and back.</summary>
    /// <param name="from">The sender.</param>
    /// <param name="to">The far pod.</param>
    /// <param name="start">What opens the way; the clock starts just before it.</param>
    /// <exception cref="LabException">None passed in 20 s.</exception>
    public static async Task<TimeSpan> TimeAsync(LabPod from, LabPod to, Action start)
    {
        await using var echo = new UdpEcho(to.Network.BindUdp(new IPEndPoint(to.Plan.Address4, 0)));
        using Socket socket = from.Network.OpenSocket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using var limit = new CancellationTokenSource(Patience);
        byte[] answer = new byte[16];
        await socket.ConnectAsync(echo.EndPoint, limit.Token);
        long begin = Stopwatch.GetTimestamp();
        start();
        Task answered = ReceiveAsync(socket, answer, limit.Token);
        try
        {
            while (!answered.IsCompleted)
            {
                await SendAsync(socket, limit.Token);
                await Task.WhenAny(answered, Task.Delay(Interval, limit.Token));
            }

            await answered;
            return Stopwatch.GetElapsedTime(begin);
        }
        catch (OperationCanceledException late)
        {
            throw new LabException($"no datagram passed from {from.Name} to {to.Name} within {Patience}", late);
        }
    }

    private static async Task SendAsync(Socket socket, CancellationToken end)
    {
        try
        {
            await socket.SendAsync(new byte[16], SocketFlags.None, end);
        }
        catch (SocketException)
        {
            // "Unreachable" while the way is not open yet.
        }
    }

    private static async Task ReceiveAsync(Socket socket, byte[] answer, CancellationToken end)
    {
        while (true)
        {
            try
            {
                await socket.ReceiveAsync(answer, SocketFlags.None, end);
                return;
            }
            catch (SocketException)
            {
                // As above: the error of an earlier datagram.
            }
        }
    }
}
