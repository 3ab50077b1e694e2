using System;
using System.Threading;

namespace EdgeMesh.Kubernetes.Access;

/// <summary>
/// The token to show: the kubelet replaces a pod's file about each hour, so it is read again each minute.
/// </summary>
/// <remarks>Safe from every thread.</remarks>
internal sealed class BearerToken(KubeAccess access, TimeProvider time)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private string? _token;
    private long _readAt;

    /// <summary>The token; null if none is needed.</summary>
    /// <exception cref="KubeAccessException">There is no usable token, now or before.</exception>
    internal string? Current()
    {
        if (access.TokenFile is null)
        {
            return access.Token;
        }

        lock (_lock)
        {
            if (_token is null || time.GetElapsedTime(_readAt) >= MaxAge)
            {
                Refresh(access.TokenFile);
            }

            return _token;
        }
    }

    /// <summary>The server refused the token: the next one is read at once.</summary>
    internal void Expire()
    {
        lock (_lock)
        {
            _readAt = time.GetTimestamp() - (long)(MaxAge.TotalSeconds * time.TimestampFrequency);
        }
    }

    // A file that is being replaced can be missing for a moment: the old token is good for longer than that.
    private void Refresh(string path)
    {
        try
        {
            string token = PemFiles.ReadText(path).Trim();
            if (!IsToken(token))
            {
                throw new KubeAccessException(
                    $"{path} holds no token: it is empty, or has blanks or control characters");
            }

            _token = token;
            _readAt = time.GetTimestamp();
        }
        catch (KubeAccessException) when (_token is not null)
        {
            _readAt = time.GetTimestamp();
        }
    }

    /// <summary>Could these characters be a token? Then they may stand in a header.</summary>
    internal static bool IsToken(string text) =>
        text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('!', '~');
}
