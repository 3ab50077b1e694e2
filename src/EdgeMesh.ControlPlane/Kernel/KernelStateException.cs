using System;

namespace EdgeMesh.ControlPlane.Kernel;

/// <summary>A part of the kernel state can't be had; the message names cause and remedy.</summary>
internal sealed class KernelStateException : Exception
{
    internal KernelStateException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
