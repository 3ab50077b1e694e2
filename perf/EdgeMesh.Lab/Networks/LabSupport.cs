using System.IO;
using Tmds.Linux;

namespace EdgeMesh.Lab.Networks;

/// <summary>Whether this machine can hold a lab.</summary>
public static class LabSupport
{
    /// <summary>Why a lab cannot be built here, or null if it can.</summary>
    public static string? WhyNot()
    {
        if (LibC.geteuid() != 0)
        {
            return "not root: network namespaces cannot be made; run as root";
        }

        if (!File.Exists("/dev/net/tun"))
        {
            return "no /dev/net/tun: load the tun module, or give the container the device";
        }

        foreach (string program in (string[])["ip", "nft", "ping"])
        {
            if (!IsInstalled(program))
            {
                return $"`{program}` is missing: `make test` installs it";
            }
        }

        return null;
    }

    /// <summary>Whether a program is on the usual paths.</summary>
    public static bool IsInstalled(string program)
    {
        foreach (string directory in (string[])["/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/", "/usr/local/bin/"])
        {
            if (File.Exists(directory + program))
            {
                return true;
            }
        }

        return false;
    }
}
