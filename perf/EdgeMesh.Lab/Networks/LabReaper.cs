using System;
using System.Diagnostics;

namespace EdgeMesh.Lab.Networks;

/// <summary>
/// Takes a lab down when its owner dies without doing so itself, even by SIGKILL: a shell in a session of its own that
/// waits for the end of a pipe, whose other end only the owner holds.
/// </summary>
internal sealed class LabReaper : IDisposable
{
    private readonly Process _process;

    private LabReaper(Process process) => _process = process;

    public static LabReaper Watch(string id)
    {
        var start = new ProcessStartInfo("setsid") { UseShellExecute = false, RedirectStandardInput = true };
        foreach (string word in (string[])
            ["/bin/sh", "-c", "exec >/dev/null 2>&1\nread -r order; [ \"$order\" = keep ] && exit 0\n" +
                LabRegistry.RemovalScript, "lab", id])
        {
            start.ArgumentList.Add(word);
        }

        return new LabReaper(Process.Start(start) ?? throw new LabException("setsid did not start"));
    }

    /// <summary>Ends the watch; the lab stays as it is.</summary>
    public void Dispose()
    {
        _process.StandardInput.WriteLine("keep");
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
