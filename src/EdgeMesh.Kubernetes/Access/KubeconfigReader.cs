using System;
using System.Collections.Generic;
using System.IO;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace EdgeMesh.Kubernetes.Access;

/// <summary>Reads the shape of a kubeconfig (YAML or JSON), one event at a time. One use per instance.</summary>
internal sealed class KubeconfigReader
{
    private const int DepthMax = 16; // the scanner's cost grows with the square of the depth
    private const int EntriesMax = 4096;

    private readonly Parser _parser;
    private readonly KubeconfigDocument _document = new();

    private KubeconfigReader(TextReader text) => _parser = new Parser(text);

    /// <summary>Reads a text.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="path">The file, for messages.</param>
    /// <returns>What it says.</returns>
    /// <exception cref="KubeAccessException">It is no kubeconfig; the message has the line.</exception>
    internal static KubeconfigDocument Read(string text, string path)
    {
        try
        {
            using var reader = new StringReader(text);
            return new KubeconfigReader(reader).ReadFile();
        }
        catch (YamlException e)
        {
            throw new KubeAccessException($"{path}:{e.Start.Line}:{e.Start.Column}: {e.Message}", e);
        }
        catch (Exception e) when (
            e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException)
        {
            // The scanner's own slips over texts that are no YAML.
            throw new KubeAccessException($"{path} is no kubeconfig: the text can't be understood", e);
        }
    }

    private KubeconfigDocument ReadFile()
    {
        _parser.MoveNext();
        Take<StreamStart>("the text");
        Take<DocumentStart>("a kubeconfig; the file is empty");
        ReadMapping("the file", ReadRoot);
        return _document;
    }

    private void ReadRoot(string key)
    {
        switch (key)
        {
            case "kind":
                string kind = ReadText(key);
                if (kind is not ("Config" or ""))
                {
                    throw Wrong($"kind '{kind}' is no kubeconfig: write kind: Config");
                }

                break;
            case "current-context":
                _document.CurrentContext = ReadText(key);
                break;
            case "clusters":
                ReadEntries(key, "cluster", _document.Clusters);
                break;
            case "users":
                ReadEntries(key, "user", _document.Users);
                break;
            case "contexts":
                ReadEntries(key, "context", _document.Contexts);
                break;
            default:
                Skip();
                break;
        }
    }

    private void ReadEntries(string list, string inner, Dictionary<string, KubeconfigEntry> entries)
    {
        if (TryTakeNull())
        {
            return;
        }

        Take<SequenceStart>($"'{list}' is a list: begin each entry with '- name: ...'");
        while (_parser.Current is not SequenceEnd)
        {
            var entry = new KubeconfigEntry();
            string name = "";
            ReadMapping($"an entry of '{list}'", key =>
            {
                if (key == "name")
                {
                    name = ReadText(key);
                }
                else if (key == inner && !TryTakeNull())
                {
                    ReadMapping($"'{inner}'", setting => ReadSetting(entry, setting));
                }
                else if (key != inner)
                {
                    Skip();
                }
            });
            if (!entries.TryAdd(name, entry) || entries.Count <= EntriesMax)
            {
                continue;
            }

            throw Wrong($"'{list}' has more than {EntriesMax} entries");
        }

        _parser.MoveNext();
    }

    private void ReadSetting(KubeconfigEntry entry, string key)
    {
        if (_parser.Current is Scalar scalar)
        {
            if (scalar.Value.Length > 0 && !IsNull(scalar))
            {
                entry.Values[key] = scalar.Value;
            }

            _parser.MoveNext();
            return;
        }

        entry.Mappings.Add(key);
        Skip();
    }

    private void ReadMapping(string what, Action<string> readValue)
    {
        Take<MappingStart>($"{what} is a mapping of keys and values");
        while (_parser.Current is not MappingEnd)
        {
            if (_parser.Current is not Scalar key)
            {
                throw Wrong("a key is a single word");
            }

            _parser.MoveNext();
            readValue(key.Value);
        }

        _parser.MoveNext();
    }

    private string ReadText(string key)
    {
        if (_parser.Current is not Scalar scalar)
        {
            throw Wrong($"'{key}' is a single value");
        }

        string text = IsNull(scalar) ? "" : scalar.Value;
        _parser.MoveNext();
        return text;
    }

    private bool TryTakeNull()
    {
        if (_parser.Current is not Scalar scalar || !(scalar.Value.Length == 0 || IsNull(scalar)))
        {
            return false;
        }

        _parser.MoveNext();
        return true;
    }

    private static bool IsNull(Scalar scalar) =>
        scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null";

    private void Take<T>(string expected)
        where T : ParsingEvent
    {
        if (_parser.Current is AnchorAlias)
        {
            throw Wrong("aliases (*name) are not understood here: write the values out");
        }

        if (_parser.Current is not T)
        {
            throw Wrong($"this is not what a kubeconfig has here: {expected}");
        }

        _parser.MoveNext();
    }

    private void Skip()
    {
        int depth = 0;
        do
        {
            ParsingEvent current = _parser.Current ?? throw Wrong("the text ends in the middle of this");
            depth += current.NestingIncrease;
            if (depth > DepthMax)
            {
                throw Wrong("lists and mappings are nested too deep here");
            }

            _parser.MoveNext();
        }
        while (depth > 0);
    }

    private YamlException Wrong(string message)
    {
        Mark at = _parser.Current?.Start ?? Mark.Empty;
        return new YamlException(at, at, message);
    }
}
