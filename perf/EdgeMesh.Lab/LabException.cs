using System;

namespace EdgeMesh.Lab;

/// <summary>The lab could not do what was asked; the message says why.</summary>
public sealed class LabException : Exception
{
    /// <summary>A failure with its sentence.</summary>
    public LabException(string message)
        : base(message)
    {
    }

    /// <summary>A failure with its sentence and what caused it.</summary>
    public LabException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
