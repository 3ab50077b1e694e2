using System;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Traffic;

namespace EdgeMesh.SystemTests.Hostile;

/// <summary>One pod asking another, a hundred times a second, for as long as a siege lasts.</summary>
internal sealed class HonestTraffic : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly UdpEcho _echo;
    private readonly Socket _socket;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _asking;
    private int _sent;
    private int _answered;
    private double _worstMillis;

    public HonestTraffic(LabPod from, LabPod to)
    {
        _echo = new UdpEcho(to.Network.BindUdp(new IPEndPoint(to.Plan.Address4, 0)));
        _socket = from.Network.OpenSocket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        _asking = AskAsync();
    }

    public async Task<(int Sent, int Answered, double WorstMillis)> StopAsync()
    {
        await _stop.CancelAsync();
        await _asking;
        return (_sent, _answered, _worstMillis);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _echo.DisposeAsync();
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task AskAsync()
    {
        byte[] answer = new byte[8];
        await _socket.ConnectAsync(_echo.EndPoint);
        while (!_stop.IsCancellationRequested)
        {
            long start = Stopwatch.GetTimestamp();
            using var limit = new CancellationTokenSource(Patience);
            await _socket.SendAsync(BitConverter.GetBytes(_sent), SocketFlags.None);
            _sent++;
            try
            {
                // A late answer to an earlier question is not this one's.
                do
                {
                    await _socket.ReceiveAsync(answer, SocketFlags.None, limit.Token);
                }
                while (BitConverter.ToInt32(answer) != _sent - 1);
                _answered++;
                _worstMillis = Math.Max(_worstMillis, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
            catch (OperationCanceledException)
            {
                // Lost: the counts differ.
            }

            await Task.Delay(Interval);
        }
    }
}
