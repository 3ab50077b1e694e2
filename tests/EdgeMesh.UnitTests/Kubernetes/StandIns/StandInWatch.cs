using System;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace EdgeMesh.UnitTests.Kubernetes.StandIns;

/// <summary>One open watch of a stand-in.</summary>
/// <param name="query">What it was opened for.</param>
/// <param name="isSilent">Does nothing ever come through it?</param>
public sealed class StandInWatch(StandInQuery query, bool isSilent)
{
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    /// <summary>What it was opened for.</summary>
    public StandInQuery Query { get; } = query;

    /// <summary>The lines to send, until it ends.</summary>
    public ChannelReader<string> Lines => _lines.Reader;

    /// <summary>Ends the watch when its time is over; null if it has none.</summary>
    internal IDisposable? Timer { get; set; }

    /// <summary>Is the link to the cloud down? What happens meanwhile never comes.</summary>
    internal bool IsCut { get; set; }

    /// <summary>Does nothing ever come through it?</summary>
    internal bool IsSilent { get; } = isSilent;

    internal void Send(string type, JsonNode content)
    {
        var change = new JsonObject { ["type"] = type, ["object"] = content.DeepClone() };
        SendLine(change.ToJsonString());
    }

    internal void SendLine(string line)
    {
        if (!IsSilent && !IsCut)
        {
            _lines.Writer.TryWrite(line);
        }
    }

    internal void End(Exception? failure = null)
    {
        Timer?.Dispose();
        _lines.Writer.TryComplete(failure);
    }
}
