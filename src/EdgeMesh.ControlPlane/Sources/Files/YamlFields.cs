using System;
using System.Collections.Generic;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.DesiredState;
using YamlDotNet.Core.Events;

namespace EdgeMesh.ControlPlane.Sources.Files;

/// <summary>Reads mappings, lists and values of a YAML text, and says where each fault is and what to do.</summary>
/// <param name="yaml">The text.</param>
/// <param name="errors">Gets what is wrong; at most <see cref="MeshFileLimits.ErrorsMax"/>.</param>
internal sealed class YamlFields(YamlCursor yaml, List<MeshFileError> errors)
{
    /// <summary>Reads one value of a text.</summary>
    internal delegate bool ScalarReader<T>(Located<string> text, out T value, out string? error);

    /// <summary>Are there as many errors as are told at once?</summary>
    internal bool IsFull => errors.Count >= MeshFileLimits.ErrorsMax;

    /// <summary>Reads a mapping.</summary>
    /// <param name="what">What it is, for messages.</param>
    /// <param name="known">Its keys.</param>
    /// <param name="readValue">Called with the cursor at each value; steps over it.</param>
    /// <returns>The keys that are there.</returns>
    internal HashSet<string> ReadMapping(string what, string[] known, Action<Located<string>> readValue)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        FilePosition at = yaml.Position;
        if (!yaml.TryTake<MappingStart>())
        {
            FailAndSkip(at, $"{what} is a mapping of {string.Join(", ", known)}; here is {yaml.Describe()}");
            return seen;
        }

        while (!yaml.TryTake<MappingEnd>() && !IsFull)
        {
            at = yaml.Position;
            if (!yaml.TryTakeScalar(out Located<string> key, out _))
            {
                FailAndSkip(at, $"{yaml.Describe()} can't be a key: the keys are {string.Join(", ", known)}");
                yaml.Skip();
            }
            else if (Array.IndexOf(known, key.Value) < 0)
            {
                string? nearest = NearestName.Find(key.Value, known);
                string remedy = nearest is null
                    ? $"the keys are {string.Join(", ", known)}"
                    : $"did you mean '{nearest}'?";
                FailAndSkip(key.Position, $"there is no key '{MeshDocuments.Printable(key.Value)}': {remedy}");
            }
            else if (!seen.Add(key.Value))
            {
                FailAndSkip(key.Position, $"'{key.Value}' is here for the second time: keep one");
            }
            else
            {
                readValue(key);
            }
        }

        return seen;
    }

    /// <summary>Reads a value that can only be one.</summary>
    internal void ReadConstant(string key, string expected)
    {
        FilePosition at = yaml.Position;
        if (!yaml.TryTakeScalar(out Located<string> text, out _))
        {
            FailAndSkip(at, $"'{key}' is '{expected}', here is {yaml.Describe()}");
        }
        else if (text.Value != expected)
        {
            Fail(text.Position, $"{key} '{MeshDocuments.Printable(text.Value)}' is not known here: write '{expected}'");
        }
    }

    /// <summary>Reads a single value.</summary>
    internal Located<T>? ReadOne<T>(string key, ScalarReader<T> read)
    {
        FilePosition at = yaml.Position;
        if (!yaml.TryTakeScalar(out Located<string> text, out _))
        {
            FailAndSkip(at, $"{key} is a single value, here is {yaml.Describe()}");
            return null;
        }

        return Convert(key, text, read);
    }

    /// <summary>Reads a list, a single value in its place, or nothing.</summary>
    internal void ReadList<T>(string key, Action<Located<T>> add, ScalarReader<T> read)
    {
        FilePosition at = yaml.Position;
        if (yaml.TryTakeScalar(out Located<string> single, out bool isPlain))
        {
            bool isNull = isPlain && single.Value is "" or "~" or "null";
            if (!isNull && Convert(key, single, read) is { } value)
            {
                add(value);
            }

            return;
        }

        if (!yaml.TryTake<SequenceStart>())
        {
            FailAndSkip(at, $"'{key}' is a list, here is {yaml.Describe()}");
            return;
        }

        while (!yaml.TryTake<SequenceEnd>() && !IsFull)
        {
            if (ReadOne($"an entry of {key}", read) is { } value)
            {
                add(value);
            }
        }
    }

    /// <summary>Reads a value that has been taken.</summary>
    internal Located<T>? Convert<T>(string key, Located<string> text, ScalarReader<T> read)
    {
        if (read(text, out T value, out string? error))
        {
            return new Located<T>(value, text.Position);
        }

        Fail(text.Position, $"{key}: {error}");
        return null;
    }

    /// <summary>Any text.</summary>
    internal static bool ReadText(Located<string> text, out string value, out string? error)
    {
        (value, error) = (text.Value, null);
        return true;
    }

    /// <summary>An address and a length.</summary>
    internal static bool ReadPrefix(Located<string> text, out IpPrefix value, out string? error)
    {
        bool isRead = IpPrefixes.TryParse(MeshDocuments.Printable(text.Value), out IpPrefix? prefix, out error);
        value = prefix!;
        return isRead;
    }

    /// <summary>Tells an error.</summary>
    internal void Fail(FilePosition at, string message) => errors.Add(new MeshFileError(at, message));

    /// <summary>Tells an error and steps over what is here.</summary>
    internal void FailAndSkip(FilePosition at, string message)
    {
        Fail(at, message);
        yaml.Skip();
    }
}
