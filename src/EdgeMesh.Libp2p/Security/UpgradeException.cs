using System;
using EdgeMesh.Addresses;

namespace EdgeMesh.Libp2p.Security;

/// <summary>A connection could not be secured; the pipe is of no use any more.</summary>
public sealed class UpgradeException : Exception
{
    /// <summary>Names the cause.</summary>
    /// <param name="failure">The cause, for counting.</param>
    /// <param name="message">The cause, for reading.</param>
    /// <param name="claimedPeer">Who the peer said it is, if it got that far. Not proven.</param>
    /// <param name="inner">What the pipe threw, if it did.</param>
    public UpgradeException(
        UpgradeFailure failure, string message, PeerId? claimedPeer = null, Exception? inner = null)
        : base(message, inner)
    {
        Failure = failure;
        ClaimedPeer = claimedPeer;
    }

    /// <summary>The cause.</summary>
    public UpgradeFailure Failure { get; }

    /// <summary>Who the peer said it is, if it got that far. Not proven.</summary>
    public PeerId? ClaimedPeer { get; }
}
