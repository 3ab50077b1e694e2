using System;
using System.Diagnostics.CodeAnalysis;

namespace EdgeMesh.State;

/// <summary>Makes a value of what a state file holds.</summary>
/// <typeparam name="T">Of the value.</typeparam>
/// <param name="content">What was stored, whole.</param>
/// <param name="value">The value.</param>
/// <param name="problem">Why the content can't be used.</param>
/// <returns>False if it can't be used.</returns>
public delegate bool StateDecoder<T>(
    ReadOnlySpan<byte> content, [NotNullWhen(true)] out T? value, [NotNullWhen(false)] out string? problem)
    where T : class;
