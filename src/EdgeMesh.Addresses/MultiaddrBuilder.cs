using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace EdgeMesh.Addresses;

/// <summary>Collects the parts of one address and keeps its limits.</summary>
internal sealed class MultiaddrBuilder
{
    private readonly List<MultiaddrComponent> _components = [];
    private readonly byte[] _bytes = new byte[MultiaddrLimits.BytesMax];
    private int _length;

    /// <summary>Adds a part.</summary>
    /// <param name="protocol">Which protocol.</param>
    /// <param name="value">Its value in binary, without the length before it; of the protocol's size.</param>
    /// <param name="reason">Why it can't stand here.</param>
    public bool TryAdd(
        MultiaddrProtocol protocol, ReadOnlySpan<byte> value, [NotNullWhen(false)] out string? reason)
    {
        Debug.Assert(protocol.ValueBytes < 0 || protocol.ValueBytes == value.Length, "the caller knows the size");
        if (!MultiaddrValue.TryFormat(protocol.Kind, value, out string? text))
        {
            reason = $"the value of {protocol.Name} is malformed";
            return false;
        }

        if (_components.Count > 0 && Complain(_components[^1].Protocol, protocol) is string complaint)
        {
            reason = complaint;
            return false;
        }

        int needed = (2 * UnsignedVarint.BytesMax) + value.Length;
        if (_components.Count == MultiaddrLimits.ComponentsMax || _bytes.Length - _length < needed)
        {
            reason = $"it has more than {MultiaddrLimits.ComponentsMax} parts or some {MultiaddrLimits.BytesMax} bytes";
            return false;
        }

        _length += UnsignedVarint.Write(_bytes.AsSpan(_length), (ulong)protocol.Code);
        if (protocol.ValueBytes < 0)
        {
            _length += UnsignedVarint.Write(_bytes.AsSpan(_length), (ulong)value.Length);
        }

        value.CopyTo(_bytes.AsSpan(_length));
        _length += value.Length;
        _components.Add(new MultiaddrComponent(protocol, text));
        reason = null;
        return true;
    }

    /// <summary>The whole address.</summary>
    public bool TryBuild([NotNullWhen(true)] out Multiaddr? address, [NotNullWhen(false)] out string? reason)
    {
        address = null;
        if (_components.Count == 0)
        {
            reason = "it is empty";
            return false;
        }

        if (_components[^1].Protocol.Kind == MultiaddrValueKind.Zone)
        {
            reason = "ip6zone must be followed by ip6";
            return false;
        }

        address = new Multiaddr(_bytes.AsSpan(0, _length).ToArray(), [.. _components]);
        reason = null;
        return true;
    }

    private static string? Complain(MultiaddrProtocol before, MultiaddrProtocol next) => before.Kind switch
    {
        MultiaddrValueKind.Zone when next.Kind != MultiaddrValueKind.Ip6 => "ip6zone must be followed by ip6",
        MultiaddrValueKind.Path => "nothing can follow a path",
        _ => null,
    };
}
