using System;
using System.Text;
using System.Text.Json.Nodes;

namespace EdgeMesh.UnitTests.Kubernetes.StandIns;

/// <summary>What a stand-in answers, before it is put on a wire.</summary>
/// <param name="Code">HTTP status code.</param>
/// <param name="Body">The body; empty with a watch.</param>
/// <param name="Watch">The lines to send until it ends; null unless it is a watch.</param>
/// <param name="Delay">How long to wait before the answer.</param>
/// <param name="RetryAfterSeconds">Retry-After, or null.</param>
public sealed record StandInAnswer(
    int Code, byte[] Body, StandInWatch? Watch = null, TimeSpan Delay = default, int? RetryAfterSeconds = null)
{
    public static StandInAnswer Of(JsonNode body, int code = 200) =>
        new(code, Encoding.UTF8.GetBytes(body.ToJsonString()));

    /// <summary>How an API server says no.</summary>
    public static StandInAnswer Status(int code, string reason, string message) =>
        Of(StatusObject(code, reason, message), code);

    public static JsonObject StatusObject(int code, string reason, string message) => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["status"] = code < 300 ? "Success" : "Failure",
        ["message"] = message,
        ["reason"] = reason,
        ["code"] = code,
    };
}
