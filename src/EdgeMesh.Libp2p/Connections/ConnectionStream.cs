using System;
using EdgeMesh.Libp2p.Yamux;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>One stream of a connection. Belongs to the connection's thread.</summary>
public abstract class ConnectionStream
{
    private byte[] _prefix = [];
    private int _prefixSent;

    private protected ConnectionStream(ConnectionCore core, YamuxStream mux, string protocol)
    {
        Core = core;
        Mux = mux;
        Protocol = protocol;
    }

    /// <summary>The connection it is part of.</summary>
    public Connection Connection => Core.Owner.Connection;

    /// <summary>The protocol both sides agreed on.</summary>
    public string Protocol { get; }

    /// <summary>Its number within the connection.</summary>
    public uint Id => Mux.Id;

    /// <summary>Whether the peer opened it.</summary>
    public bool IsInbound => Mux.IsInbound;

    /// <summary>What ended it early; <see cref="StreamEnd.None"/> while it is open, and after both sides finished in
    /// order.</summary>
    public StreamEnd End { get; private protected set; }

    internal YamuxStream Mux { get; }

    internal ConnectionCore Core { get; }

    /// <summary>Whether our side is done with it, so that it only waits for the peer to finish.</summary>
    internal abstract bool IsDone { get; }

    /// <summary>When it is reset unless it is over or moved on; written by the connection's clock.</summary>
    internal long Deadline { get; set; } = long.MaxValue;

    /// <summary>Set while the stream waits for its turn to send.</summary>
    internal bool IsReady { get; set; }

    /// <summary>Whether what the negotiation left to say has not left yet.</summary>
    private protected bool HasPrefix => _prefixSent < _prefix.Length;

    /// <summary>Ends the stream at once, both ways. Nothing happens if it ended before.</summary>
    public void Reset() => Core.ResetStream(this, StreamEnd.Reset);

    /// <summary>Payload came in; it may be changed in place.</summary>
    internal abstract void HandleData(Span<byte> data);

    /// <summary>The peer wrote its last byte.</summary>
    internal abstract void HandleFinished();

    /// <summary>The stream is over, both ways. Called once.</summary>
    internal abstract void HandleEnd(StreamEnd end);

    /// <summary>The peer granted credit.</summary>
    internal abstract void HandleCredit();

    /// <summary>Sends one frame, if there is something to send, credit, and room.</summary>
    /// <param name="roomBytes">Payload that the output takes.</param>
    /// <param name="isReady">Whether the stream could send another one.</param>
    /// <returns>Payload bytes sent.</returns>
    internal abstract int SendTurn(int roomBytes, out bool isReady);

    /// <summary>Bytes of the negotiation to send before anything else.</summary>
    private protected void AddPrefix(ReadOnlySpan<byte> bytes)
    {
        _prefix = [.. _prefix.AsSpan(_prefixSent), .. bytes];
        _prefixSent = 0;
    }

    private protected void InheritPrefix(ConnectionStream negotiation)
    {
        AddPrefix(negotiation._prefix.AsSpan(negotiation._prefixSent));
        negotiation._prefix = [];
        negotiation._prefixSent = 0;
        if (HasPrefix)
        {
            Core.MarkReady(this);
        }
    }

    /// <summary>Sends what is left of the prefix, as far as credit and room go.</summary>
    private protected int SendPrefix(int roomBytes)
    {
        int length = (int)Math.Min(Math.Min(_prefix.Length - _prefixSent, roomBytes), Mux.SendCredit);
        if (length > 0)
        {
            Core.SendFrame(Mux, _prefix.AsSpan(_prefixSent, length));
            _prefixSent += length;
        }

        return length;
    }
}
