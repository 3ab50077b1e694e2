using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace EdgeMesh.Kubernetes.Objects;

/// <summary>
/// Points in time as the API writes them (RFC 3339). Other machines' clocks may be wrong: never wait by them.
/// </summary>
public static class KubeTimestamp
{
    /// <summary>The form of <c>creationTimestamp</c> and of events: whole seconds.</summary>
    /// <param name="time">The time.</param>
    /// <returns><c>2025-01-31T12:00:00Z</c>.</returns>
    public static string FormatSeconds(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>
    /// The form of <c>MicroTime</c>, as Leases have it: exactly six digits, or the API server refuses it.
    /// </summary>
    /// <param name="time">The time.</param>
    /// <returns><c>2025-01-31T12:00:00.123456Z</c>.</returns>
    public static string FormatMicros(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads either form.</summary>
    /// <param name="text">The text, or null.</param>
    /// <param name="time">The time.</param>
    /// <returns>False if it is no time.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, Styles, out time);

    private const DateTimeStyles Styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
}
