using System;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Connections;

namespace EdgeMesh.Libp2p.Identify;

/// <summary>Answers identify and takes pushes on one connection, no more often than <see cref="IdentifyLimits"/>
/// allows.</summary>
internal sealed class IdentifyResponder
{
    private readonly TokenBucket _streams = new(IdentifyLimits.Burst, IdentifyLimits.StreamInterval);

    /// <summary>What the peer says about itself; null before it did.</summary>
    public IdentifyInfo? Remote { get; private set; }

    /// <summary>Says who we are.</summary>
    public Task AnswerAsync(MuxedStream stream, Func<Connection, IdentifyInfo> ours)
    {
        if (IsTooMany(stream))
        {
            return Task.CompletedTask;
        }

        return IdentifyProtocol.WriteAsync(stream, ours(stream.Connection));
    }

    /// <summary>Reads what changed.</summary>
    /// <returns>Whether the peer said something.</returns>
    public async Task<bool> TakePushAsync(MuxedStream stream)
    {
        if (IsTooMany(stream))
        {
            return false;
        }

        IdentifyInfo? info;
        using (new StreamSilence(stream, IdentifyLimits.Timeout))
        {
            info = await IdentifyProtocol.ReadAsync(stream, CancellationToken.None);
        }

        await stream.DisposeAsync();
        return Take(info);
    }

    /// <summary>Notes what the peer said.</summary>
    /// <returns>Whether it said something.</returns>
    public bool Take(IdentifyInfo? info)
    {
        if (info is null)
        {
            return false;
        }

        Remote = Remote?.With(info) ?? info;
        return true;
    }

    private bool IsTooMany(MuxedStream stream)
    {
        bool isTooMany = _streams.Take(stream.Connection.Time.Now, 1) == 0;
        if (isTooMany)
        {
            stream.Reset();
        }

        return isTooMany;
    }
}
