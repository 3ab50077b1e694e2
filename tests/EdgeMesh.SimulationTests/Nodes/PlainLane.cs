using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.IO.Pipelines;
using System.Threading.Tasks;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>A plain node's connection to a peer, with the packets that wait for it.</summary>
internal sealed class PlainLane(PlainNode node, UnderlayConnection connection)
{
    private const int QueuePacketsMax = 200;
    private const int BatchBytesMax = 64 * 1024;

    private readonly Queue<Packet> _queue = new();
    private bool _isEnded;

    public bool IsFlushing { get; private set; }

    public int QueuedPackets => _queue.Count;

    public long QueuedBytes => (long)_queue.Count * Limits.SmallSlotBytes;

    public bool CanSend => !IsFlushing && !_isEnded && _queue.Count > 0;

    public bool TryQueue(Packet packet)
    {
        if (_isEnded || _queue.Count >= QueuePacketsMax)
        {
            return false;
        }

        _queue.Enqueue(packet);
        return true;
    }

    public void Send()
    {
        if (!CanSend)
        {
            return;
        }

        if (node.Fault == PlainNodeFault.SwapsPackets && _queue.Count > 1)
        {
            _queue.Enqueue(_queue.Dequeue());
        }

        for (int bytes = 0; bytes < BatchBytesMax && _queue.TryDequeue(out Packet? packet);)
        {
            Span<byte> frame = connection.Output.GetSpan(packet.Length + 2);
            BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)packet.Length);
            packet.Bytes.CopyTo(frame[2..]);
            connection.Output.Advance(packet.Length + 2);
            bytes += packet.Length + 2;
            node.SentToPeers++;
            packet.Dispose();
        }

        IsFlushing = true;
        _ = FlushAsync();
    }

    public async Task RunAsync()
    {
        try
        {
            while (true)
            {
                ReadResult read = await connection.Input.ReadAsync();
                ReadOnlySequence<byte> rest = Take(read.Buffer);
                connection.Input.AdvanceTo(rest.Start, rest.End);
                if (read.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (IOException)
        {
            // the lane ends either way
        }

        End();
    }

    public void End()
    {
        if (_isEnded)
        {
            return;
        }

        _isEnded = true;
        while (_queue.TryDequeue(out Packet? packet))
        {
            packet.Dispose();
            node.DroppedOut++;
        }

        connection.Dispose();
    }

    private async Task FlushAsync()
    {
        try
        {
            await connection.Output.FlushAsync();
            IsFlushing = false;
        }
        catch (IOException)
        {
            End();
        }
    }

    private ReadOnlySequence<byte> Take(ReadOnlySequence<byte> buffer)
    {
        ReadOnlySpan<byte> bytes = buffer.FirstSpan;
        int at = 0;
        while (bytes.Length - at >= 2)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
            if (bytes.Length - at < 2 + length)
            {
                break;
            }

            node.FromPeers++;
            node.Deliver(bytes.Slice(at + 2, length));
            at += 2 + length;
        }

        return buffer.Slice(at);
    }
}
