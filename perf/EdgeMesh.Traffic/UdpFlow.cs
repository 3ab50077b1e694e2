using System;
using System.Net.Sockets;

namespace EdgeMesh.Traffic;

/// <summary>
/// Sends one stream of datagrams, at a rate or flat out, or takes what arrives. Nothing here allocates per packet.
/// </summary>
public static class UdpFlow
{
    /// <summary>Sends until told to end.</summary>
    /// <param name="sender">Hands them to the kernel.</param>
    /// <param name="head">Token and stream of each datagram; sequences begin with its own.</param>
    /// <param name="perSecond">Datagrams per second; 0: as many as one thread can.</param>
    /// <param name="counters">Gets what was sent, and each refusal.</param>
    /// <param name="stop">Ends it.</param>
    public static void Send(UdpSender sender, UdpDatagram head, double perSecond, FlowCounters counters, StopFlag stop)
    {
        PreciseSleep.SharpenThread();
        Pacer? pacer = perSecond > 0 ? new Pacer(MonotonicTime.Now, perSecond) : null;

        // Invariant: [0, sequence) was handed to the kernel.
        long sequence = 0;
        while (!stop.IsSet)
        {
            if (pacer is not null && !Pacer.Wait(pacer.IntendedNanos(sequence)))
            {
                continue;
            }

            long now = MonotonicTime.Now;
            long due = pacer is null ? long.MaxValue : pacer.DueBefore(now) - sequence;
            UdpDatagram next = head with { Sequence = head.Sequence + sequence, SentNanos = now };
            int sent = sender.Send(next, due, out bool isRefused);
            counters.Add(sent, (long)sent * sender.DatagramBytes);
            sequence += sent;
            if (isRefused)
            {
                // The answer to an earlier datagram (port unreachable), or no room: the next one is tried again.
                counters.AddError();
            }
        }
    }

    /// <summary>Sends on a connected socket until told to end.</summary>
    /// <param name="socket">A connected socket; stays the caller's.</param>
    /// <param name="datagramBytes">Payload of each datagram.</param>
    /// <param name="perSecond">Datagrams per second; 0: as many as one thread can.</param>
    /// <param name="counters">Gets what was sent, and each refusal.</param>
    /// <param name="stop">Ends it.</param>
    public static void Send(
        Socket socket, int datagramBytes, double perSecond, FlowCounters counters, StopFlag stop)
    {
        socket.SendTimeout = StopFlag.LookMillis;
        Send(
            new UdpSender(socket, to: null, datagramBytes, segments: 1, seed: 1), default, perSecond, counters, stop);
    }

    /// <summary>Reads until told to end and nothing comes any more.</summary>
    /// <param name="socket">A bound socket; stays the caller's.</param>
    /// <param name="add">Gets each datagram, and when it arrived.</param>
    /// <param name="stop">Ends it.</param>
    public static void ReceiveAll(Socket socket, Action<UdpDatagram, long> add, StopFlag stop)
    {
        socket.ReceiveTimeout = StopFlag.LookMillis;
        byte[] buffer = new byte[ushort.MaxValue];
        while (true)
        {
            int count = socket.Receive(buffer, SocketFlags.None, out SocketError error);
            if (error != SocketError.Success)
            {
                if (stop.IsSet)
                {
                    return;
                }
            }
            else if (UdpDatagram.TryParse(buffer.AsSpan(0, count), out UdpDatagram datagram))
            {
                add(datagram, MonotonicTime.Now);
            }
        }
    }
}
