using System;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;

namespace EdgeMesh.ControlPlane.Health;

/// <summary>The option <c>--health</c>: where probes and Prometheus ask.</summary>
/// <remarks>A type of its own: the command line's parser takes a null for a value that it could not read.</remarks>
/// <param name="EndPoint">The address; null: off.</param>
internal sealed record HealthAddress(IPEndPoint? EndPoint)
{
    /// <summary>Makes the option.</summary>
    /// <param name="fallback">The address unless another is given.</param>
    internal static Option<HealthAddress> Option(string fallback) => new("--health")
    {
        Description = "address that probes and Prometheus ask (/healthz, /readyz, /metrics), or off",
        HelpName = "ADDRESS:PORT|off",
        DefaultValueFactory = _ => new HealthAddress(IPEndPoint.Parse(fallback)),
        CustomParser = static argument => Parse(argument, argument.Tokens.Count == 1 ? argument.Tokens[0].Value : ""),
    };

    /// <summary>Reads an address with a port; <c>off</c> gives null.</summary>
    /// <param name="text">The text.</param>
    /// <param name="endPoint">The address.</param>
    /// <returns>False if it is none.</returns>
    internal static bool TryParse(string text, out IPEndPoint? endPoint)
    {
        endPoint = null;
        return text == "off"
            || (IPEndPoint.TryParse(text, out endPoint)
                && (endPoint.Port != 0 || text.EndsWith(":0", StringComparison.Ordinal)));
    }

    private static HealthAddress Parse(ArgumentResult argument, string text)
    {
        if (!TryParse(text, out IPEndPoint? endPoint))
        {
            argument.AddError($"--health {text}: not an address with a port; write 127.0.0.1:9465, [::1]:9465 or off");
        }

        return new HealthAddress(endPoint);
    }
}
