using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using EdgeMesh.ControlPlane.Controller.Composition;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Recording;
using EdgeMesh.Logging;

namespace EdgeMesh.ControlPlane.Controller;

/// <summary>Tells each finding when it comes and when it goes: a line of the log, and an Event on the node.</summary>
/// <param name="recorder">Writes Events.</param>
/// <param name="log">The log.</param>
internal sealed class FindingReport(EventRecorder recorder, StructuredLog log)
{
    private const int WaitingMax = 1024; // more Events than that help nobody; the metric counts all

    private readonly Dictionary<(FindingReason Reason, string Node, string Subject), ControllerFinding> _told = [];

    private readonly Channel<ControllerFinding> _waiting = Channel.CreateBounded<ControllerFinding>(
        new BoundedChannelOptions(WaitingMax) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Tells what is new and what is gone. One caller at a time; waits for nobody.</summary>
    /// <param name="findings">All that there are now.</param>
    internal void Tell(IReadOnlyList<ControllerFinding> findings)
    {
        var now = findings.DistinctBy(static finding => finding.Identity)
            .ToDictionary(static finding => finding.Identity);
        foreach ((var identity, ControllerFinding finding) in now)
        {
            if (_told.TryAdd(identity, finding))
            {
                log.Warn("finding", ("kind", finding.Reason), ("node", finding.Node), ("problem", finding.Text));
                _waiting.Writer.TryWrite(finding);
            }
        }

        foreach (var identity in _told.Keys.Where(identity => !now.ContainsKey(identity)).ToList())
        {
            log.Info("finding_solved", ("kind", identity.Reason), ("node", identity.Node),
                ("problem", _told[identity].Text));
            _told.Remove(identity);
        }
    }

    /// <summary>Writes Events until told to stop. An API that is slow or away delays only them.</summary>
    internal async Task RunAsync(CancellationToken stop)
    {
        string lastProblem = "";
        await foreach (ControllerFinding finding in _waiting.Reader.ReadAllAsync(stop))
        {
            if (finding.Node.Length == 0)
            {
                continue;
            }

            string problem = await recorder.RecordAsync(
                KubeObjectReference.ToNode(finding.Node), isWarning: true, finding.Reason.ToString(), finding.Text,
                stop);
            if (problem.Length > 0 && problem != lastProblem)
            {
                log.Warn("event_not_written", ("node", finding.Node), ("problem", problem));
            }

            lastProblem = problem;
        }
    }
}
