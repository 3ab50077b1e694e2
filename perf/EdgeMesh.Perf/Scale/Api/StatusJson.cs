using System.Text.Json.Nodes;

namespace EdgeMesh.Perf.Scale.Api;

/// <summary>The object that an API server answers errors with.</summary>
internal static class StatusJson
{
    /// <summary>A failure.</summary>
    /// <param name="code">HTTP's.</param>
    /// <param name="reason">The API's word: <c>NotFound</c>.</param>
    /// <param name="message">A sentence.</param>
    public static byte[] Of(int code, string reason, string message) =>
        System.Text.Encoding.UTF8.GetBytes(new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = code < 400 ? "Success" : "Failure",
            ["message"] = message,
            ["reason"] = reason,
            ["code"] = code,
        }.ToJsonString());
}
