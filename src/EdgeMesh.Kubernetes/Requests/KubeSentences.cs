using System;
using System.IO;
using System.Net.Http;
using System.Net.Sockets;
using System.Security.Authentication;
using EdgeMesh.Kubernetes.Access;
using EdgeMesh.Kubernetes.Objects;

namespace EdgeMesh.Kubernetes.Requests;

/// <summary>Says for each way a request can fail what is wrong and what to do.</summary>
internal static class KubeSentences
{
    private const int ServerMessageCharsMax = 512;

    /// <summary>Judges a status code and the Status object that came with it.</summary>
    /// <param name="request">What was asked.</param>
    /// <param name="code">HTTP status code, or the code of an ERROR event.</param>
    /// <param name="status">What the server says, or null.</param>
    /// <param name="access">Who was asked.</param>
    internal static KubeOutcome Judge(in KubeRequest request, int code, KubeStatus? status, KubeAccess access)
    {
        string says = Says(status);
        string asked = request.ToString();
        return code switch
        {
            >= 200 and < 300 => KubeOutcome.Good(code),
            >= 300 and < 400 => Of(KubeResult.Invalid, $"{asked}: {access.Server} answers with a redirect ({code}), so "
                + "it is no API server: correct the address"),
            401 => Of(KubeResult.Forbidden, $"{asked}: the API server does not accept the credentials (401){says}: the "
                + $"token or certificate of {access} is expired, or is of another cluster"),
            403 => Of(KubeResult.Forbidden, $"{asked}: not allowed (403){says}: bind a role with the rule "
                + $"{{{request.Rule}}} to this account{AtMetaServer(access)}"),
            404 when access.IsMetaServer => Of(KubeResult.NotFound, $"{asked}: not found (404){says}; from metaServer "
                + "this proves nothing, as it says so of whatever it has not cached while the cloud is out of reach"),
            404 when request.Name is null => Of(KubeResult.NotFound, $"{asked}: not found (404){says}: the API server "
                + $"has no {request.Plural} in {(request.Group.Length == 0 ? "the core group" : request.Group)}/"
                + $"{request.Version}, or the namespace is missing"),
            404 => Of(KubeResult.NotFound, $"{asked}: not found (404){says}"),
            409 when status?.Reason == "AlreadyExists" => Of(KubeResult.Conflict, $"{asked}: it exists already (409)"),
            409 => Of(KubeResult.Conflict, $"{asked}: somebody else changed it meanwhile (409){says}: read it again"),
            410 => Of(KubeResult.Gone, $"{asked}: the resourceVersion is too old (410){says}: list again"),
            413 => Of(KubeResult.Invalid, $"{asked}: too large for the API server (413){says}"),
            422 => Of(KubeResult.Invalid, $"{asked}: the API server refuses the object (422){says}"),
            429 => Of(KubeResult.Unavailable, $"{asked}: the API server is busy (429){says}: it is asked again later"),
            >= 400 and < 500 => Of(KubeResult.Invalid, $"{asked}: the API server refuses the request ({code}){says}"),
            504 => Of(KubeResult.Unavailable, $"{asked}: the API server's own time ran out (504){says}"),
            _ => Of(KubeResult.Unavailable, $"{asked}: the API server fails ({code}){says}: see its log, and etcd's"),
        };

        KubeOutcome Of(KubeResult result, string problem) => new(result, problem, code);
    }

    /// <summary>Judges what kept an answer from coming.</summary>
    /// <param name="request">What was asked.</param>
    /// <param name="cause">What was thrown.</param>
    /// <param name="access">Who was asked.</param>
    internal static KubeOutcome Judge(in KubeRequest request, Exception cause, KubeAccess access)
    {
        string asked = request.ToString();
        string problem = cause switch
        {
            KubeAccessException => $"{asked}: {cause.Message}",
            _ when Find<AuthenticationException>(cause) is { } tls => $"{asked}: no trust in {access.Server}: "
                + $"{tls.Message} Check the certificate authority, and the name in the address",
            _ when Find<SocketException>(cause) is { } socket => $"{asked}: {access.Server} can't be reached: "
                + $"{Lower(socket.Message)}{Remedy(socket.SocketErrorCode, access)}",
            _ => $"{asked}: the connection to {access.Server} broke: {cause.Message}",
        };
        return new KubeOutcome(KubeResult.Unavailable, problem);
    }

    /// <summary>No answer in time.</summary>
    internal static KubeOutcome Late(in KubeRequest request, TimeSpan limit, KubeAccess access) => new(
        KubeResult.Unavailable, $"{request}: no answer from {access} within {limit.TotalSeconds:0.###} s");

    /// <summary>An answer that is too large.</summary>
    internal static KubeOutcome TooLarge(in KubeRequest request, long limit, int code) => new(
        KubeResult.Malformed, $"{request}: the answer is longer than {limit} bytes, which is the limit here", code);

    /// <summary>An answer that is no JSON of the API.</summary>
    internal static KubeOutcome Malformed(in KubeRequest request, string message, int code) => new(
        KubeResult.Malformed, $"{request}: the answer can't be read: {message}", code);

    /// <summary>Is this what a network or a peer does, rather than a mistake of ours?</summary>
    internal static bool IsOfNetwork(Exception e) =>
        e is HttpRequestException or IOException or SocketException or AuthenticationException or KubeAccessException;

    private static string Says(KubeStatus? status)
    {
        if (string.IsNullOrEmpty(status?.Message))
        {
            return "";
        }

        string text = status.Message;
        return $": {(text.Length <= ServerMessageCharsMax ? text : text[..ServerMessageCharsMax])}";
    }

    // Without its authorization gate, metaServer asks as cloudcore, whose role is collected by a label.
    private static string AtMetaServer(KubeAccess access) => access.IsMetaServer
        ? ", and to group system:nodes, or label its ClusterRole rbac/aggregate-to-cloudcore: \"true\""
        : "";

    private static string Remedy(SocketError error, KubeAccess access) => error switch
    {
        SocketError.ConnectionRefused when access.IsMetaServer =>
            ": enable modules.metaManager.metaServer in edgecore.yaml, and dynamicController in cloudcore",
        SocketError.ConnectionRefused => ": nothing listens there; is the API server up, and the port right?",
        SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData => ": check the name, and DNS",
        SocketError.NetworkUnreachable or SocketError.HostUnreachable => ": check this node's routes",
        _ => "",
    };

    private static string Lower(string text) =>
        text.Length > 0 ? $"{char.ToLowerInvariant(text[0])}{text[1..]}" : text;

    private static T? Find<T>(Exception? e)
        where T : Exception
    {
        for (; e is not null; e = e.InnerException)
        {
            if (e is T found)
            {
                return found;
            }
        }

        return null;
    }
}
