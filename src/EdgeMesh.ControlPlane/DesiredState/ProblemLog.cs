using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Logging;

namespace EdgeMesh.ControlPlane.DesiredState;

/// <summary>Logs a problem when it comes and when it goes, not each time it is met. One caller at a time.</summary>
internal sealed class ProblemLog
{
    private readonly StructuredLog _log;
    private readonly string _name;
    private readonly HashSet<string> _current = new(StringComparer.Ordinal);

    internal ProblemLog(StructuredLog log, string name)
    {
        _log = log;
        _name = name;
    }

    /// <summary>States all problems there are now.</summary>
    internal void Report(IReadOnlyCollection<string> problems)
    {
        foreach (string problem in problems)
        {
            if (_current.Add(problem))
            {
                _log.Error(_name, ("problem", problem));
            }
        }

        foreach (string gone in new List<string>(_current))
        {
            if (!problems.Contains(gone))
            {
                _current.Remove(gone);
                _log.Info(_name + "_solved", ("problem", gone));
            }
        }
    }
}
