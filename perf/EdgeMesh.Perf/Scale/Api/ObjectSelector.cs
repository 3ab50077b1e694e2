using System;
using System.Collections.Generic;
using System.Linq;

namespace EdgeMesh.Perf.Scale.Api;

/// <summary>Which objects a list or watch is about: namespace, <c>labelSelector</c>, <c>fieldSelector</c>.</summary>
internal sealed class ObjectSelector
{
    private readonly string _namespace;
    private readonly List<Func<ObjectFacts, bool>> _terms = [];

    private ObjectSelector(string ns) => _namespace = ns;

    /// <summary>Reads the selectors of a request.</summary>
    /// <param name="ns">The namespace; empty: all.</param>
    /// <param name="labels">As <c>labelSelector</c> has it.</param>
    /// <param name="fields">As <c>fieldSelector</c> has it.</param>
    /// <returns>Null if a selector is none.</returns>
    public static ObjectSelector? Parse(string ns, string labels, string fields)
    {
        var selector = new ObjectSelector(ns);
        return Terms(labels).All(selector.AddLabel) && Terms(fields).All(selector.AddField) ? selector : null;
    }

    /// <summary>Is the object selected?</summary>
    public bool Matches(ObjectFacts facts) =>
        (_namespace.Length == 0 || facts.Namespace == _namespace) && _terms.TrueForAll(term => term(facts));

    // Commas within brackets are a set's.
    private static IEnumerable<string> Terms(string selector)
    {
        int depth = 0;
        int start = 0;
        for (int i = 0; i <= selector.Length; i++)
        {
            if (i == selector.Length || (selector[i] == ',' && depth == 0))
            {
                string term = selector[start..i].Trim();
                start = i + 1;
                if (term.Length > 0)
                {
                    yield return term;
                }
            }
            else
            {
                depth += selector[i] == '(' ? 1 : selector[i] == ')' ? -1 : 0;
            }
        }
    }

    private bool AddLabel(string term)
    {
        int open = term.IndexOf('(', StringComparison.Ordinal);
        if (open > 0)
        {
            string[] words = term[..open].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            string[] values = term[(open + 1)..].TrimEnd(')').Split(
                ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (words is not [string key, "in" or "notin"])
            {
                return false;
            }

            bool isWanted = words[1] == "in";
            _terms.Add(facts => values.Contains(facts.Labels.GetValueOrDefault(key)) == isWanted);
            return true;
        }

        if (TryEquality(term, out string name, out string value, out bool isEqual))
        {
            _terms.Add(facts => facts.Labels.GetValueOrDefault(name) == value == isEqual);
            return true;
        }

        bool isAbsent = term[0] == '!';
        string label = term.TrimStart('!');
        _terms.Add(facts => facts.Labels.ContainsKey(label) != isAbsent);
        return true;
    }

    private bool AddField(string term)
    {
        if (!TryEquality(term, out string path, out string value, out bool isEqual)
            || new ObjectFacts("", "").Field(path) is null)
        {
            return false;
        }

        _terms.Add(facts => facts.Field(path) == value == isEqual);
        return true;
    }

    private static bool TryEquality(string term, out string name, out string value, out bool isEqual)
    {
        int at = term.IndexOf('=', StringComparison.Ordinal);
        isEqual = at < 1 || term[at - 1] != '!';
        name = at < 1 ? "" : term[..(isEqual ? at : at - 1)].Trim();
        value = at < 1 ? "" : term[(at + 1)..].TrimStart('=').Trim();
        return at >= 1;
    }
}
