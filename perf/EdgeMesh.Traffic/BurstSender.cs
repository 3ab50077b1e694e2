using System;
using System.Net.Sockets;

namespace EdgeMesh.Traffic;

/// <summary>
/// Sends bursts of datagrams at a fixed interval: each burst a few sends, each send many datagrams that the kernel cuts
/// (UDP_SEGMENT). Between bursts it sends nothing.
/// </summary>
/// <remarks>All datagrams of a burst show the time at which the burst began. For one thread.</remarks>
public sealed class BurstSender
{
    private readonly Socket _socket;
    private readonly int _datagramBytes;
    private readonly int _segments;
    private readonly int _sends;
    private readonly byte[] _payload;

    /// <summary>Prepares the payload.</summary>
    /// <param name="socket">A connected, blocking socket; stays the caller's.</param>
    /// <param name="datagramBytes">Payload of each datagram.</param>
    /// <param name="segments">Datagrams of one send.</param>
    /// <param name="sends">Sends of one burst.</param>
    /// <exception cref="NotSupportedException">The kernel has no UDP_SEGMENT.</exception>
    public BurstSender(Socket socket, int datagramBytes, int segments, int sends)
    {
        (_socket, _datagramBytes, _segments, _sends) = (socket, datagramBytes, segments, sends);
        _payload = Payload.Random(datagramBytes * segments, seed: 1);
        if (UdpSegments.Enable(socket, datagramBytes, segments) != segments)
        {
            throw new NotSupportedException("the kernel can't cut one send into datagrams (UDP_SEGMENT)");
        }
    }

    /// <summary>Datagrams of one burst.</summary>
    public int DatagramsPerBurst => _segments * _sends;

    /// <summary>Sends that the kernel refused.</summary>
    public long Refused { get; private set; }

    /// <summary>Sends bursts, each at its time.</summary>
    /// <param name="bursts">How many.</param>
    /// <param name="interval">From the beginning of one to the beginning of the next.</param>
    /// <param name="stop">Ends it early.</param>
    public void Run(int bursts, TimeSpan interval, StopFlag stop)
    {
        PreciseSleep.SharpenThread();
        var pacer = new Pacer(MonotonicTime.Now, 1 / interval.TotalSeconds);
        for (int burst = 0; burst < bursts && !stop.IsSet; burst++)
        {
            while (!stop.IsSet && !Pacer.Wait(pacer.IntendedNanos(burst)))
            {
                // Only a look at the flag was due.
            }

            Send(burst);
        }
    }

    private void Send(long burst)
    {
        long began = MonotonicTime.Now;
        long sequence = burst * DatagramsPerBurst;
        for (int send = 0; send < _sends; send++)
        {
            for (int i = 0; i < _segments; i++)
            {
                new UdpDatagram(0, 0, sequence, began).Write(_payload.AsSpan(i * _datagramBytes));
                sequence++;
            }

            _ = _socket.Send(_payload, SocketFlags.None, out SocketError error);
            Refused += error == SocketError.Success ? 0 : 1;
        }
    }
}
