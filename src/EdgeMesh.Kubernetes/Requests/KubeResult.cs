namespace EdgeMesh.Kubernetes.Requests;

/// <summary>How a request went.</summary>
public enum KubeResult
{
    /// <summary>It was done, and the object is there.</summary>
    Found,

    /// <summary>404. From metaServer this proves nothing: see <see cref="KubeResponse{T}.ProvesAbsence"/>.</summary>
    NotFound,

    /// <summary>409: the object exists already, or was changed by somebody else.</summary>
    Conflict,

    /// <summary>401 or 403: the credentials are refused, or a rule is missing.</summary>
    Forbidden,

    /// <summary>410: the resourceVersion is too old; list again.</summary>
    Gone,

    /// <summary>Another 4xx: the request itself is wrong; repeating it does not help.</summary>
    Invalid,

    /// <summary>The answer could not be read: wrong types, no JSON, or too large.</summary>
    Malformed,

    /// <summary>No answer, an answer too late, 429 or 5xx: try again later.</summary>
    Unavailable,
}
