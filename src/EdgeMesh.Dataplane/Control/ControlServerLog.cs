using System;
using EdgeMesh.ControlChannel;
using EdgeMesh.Logging;

namespace EdgeMesh.Dataplane.Control;

/// <summary>Writes to the log what the control channel's server reports.</summary>
internal static class ControlServerLog
{
    /// <summary>Writes one line.</summary>
    public static void Write(StructuredLog log, ControlServerEvent seen)
    {
        switch (seen)
        {
            case ControlServerEvent.AcceptFailed failed:
                log.Warn("control_accept_failed", ("error", failed.Error));
                break;
            case ControlServerEvent.ConnectionRefused refused:
                log.Warn(
                    "control_connection_refused",
                    ("reason", refused.IsCrowded ? "too_many" : "user"),
                    ("pid", refused.ProcessId),
                    ("uid", refused.UserId));
                break;
            case ControlServerEvent.ConnectionEnded { IsCallersFault: true } ended:
                log.Warn("control_connection_ended", ("pid", ended.ProcessId), ("reason", ended.Reason));
                break;
            case ControlServerEvent.ConnectionEnded ended:
                log.Debug("control_connection_ended", ("pid", ended.ProcessId), ("reason", ended.Reason));
                break;
            case ControlServerEvent.RequestFailed failed:
                log.Error("control_request_failed", ("pid", failed.ProcessId), ("error", failed.Failure));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(seen), seen, "an event without a line");
        }
    }
}
