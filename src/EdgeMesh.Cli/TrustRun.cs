using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Cluster;
using EdgeMesh.Cluster.Trust;
using EdgeMesh.ControlChannel;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;

namespace EdgeMesh.Cli;

/// <summary><c>edgemesh trust</c>: approves the key of a node, or lists all.</summary>
internal sealed class TrustRun(ClusterLink link, Terminal terminal)
{
    private const int AttemptsMax = 5;

    /// <summary>Approves.</summary>
    /// <param name="node">The node.</param>
    /// <param name="peerId">The key that is meant; null: whichever waits.</param>
    /// <param name="format">For people or for programs.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandException">Nothing was approved.</exception>
    public async Task<int> ApproveAsync(string node, string? peerId, OutputFormat format, CancellationToken cancel)
    {
        if (!MeshDocuments.IsNodeName(node))
        {
            throw new CommandException(ExitCodes.Usage, $"'{PlainText.Of(node)}' is no node's name");
        }

        if (peerId is not null && !TrustRecord.TryParse(
            new TrustRecord(peerId, null).ToText(), out _, out string? fault))
        {
            throw new CommandException(ExitCodes.Usage, $"--peer-id: {PlainText.Of(fault)}");
        }

        string name = ClusterNames.TrustOf(node);
        string? firstPending = null;
        for (int attempt = 0; attempt < AttemptsMax; attempt++)
        {
            KubeConfigMap? map = await link.FindAsync(KubeResources.ConfigMaps, name, cancel);
            TrustRecord? record = Read(map, node);

            // What the operator approves is the key that waited when the command began, not one that came meanwhile.
            if (attempt == 0)
            {
                firstPending = record?.Pending;
            }
            else if (peerId is null && record?.Pending != firstPending && record?.Pending is not null)
            {
                throw new CommandException(
                    ExitCodes.Failure,
                    $"{node} has shown another key meanwhile, {record.Pending}; nothing was changed: look again with "
                    + "'edgemesh trust --list'");
            }

            var decision = TrustDecision.Of(node, record, peerId);
            if (decision.Next is null || await link.TryWriteAsync(map, After(name, node, decision.Next), cancel))
            {
                return Tell(node, decision, record, format);
            }
        }

        throw new CommandException(
            ExitCodes.Failure, $"the ConfigMap {name} changes all the time; nothing was changed: try again");
    }

    /// <summary>Lists all keys.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandException">They can't be had.</exception>
    public async Task<int> ListAsync(OutputFormat format, CancellationToken cancel)
    {
        KubePage<KubeConfigMap> maps = await link.ListAsync(
            KubeResources.ConfigMaps, link.Namespace, ClusterNames.TrustSelector, cancel);
        var problems = new List<string>();
        KeyValuePair<string, TrustRecord>[] records =
        [
            .. ClusterReader.ReadTrusted(maps.Items, problems).OrderBy(pair => pair.Key, StringComparer.Ordinal),
        ];
        problems.AddRange(maps.Malformed.Select(problem => $"{problem.Key}: {problem.Message}"));
        if (format == OutputFormat.Json)
        {
            JsonText.Write(terminal.Output, json =>
            {
                json.WriteStartArray("nodes");
                foreach ((string node, TrustRecord record) in records)
                {
                    json.WriteStartObject();
                    json.WriteString("node", node);
                    json.WriteString("peerId", record.PeerId);
                    json.WriteString("pending", record.Pending);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            });
        }
        else
        {
            var table = new Table("NODE", "TRUSTED", "WAITS FOR APPROVAL");
            foreach ((string node, TrustRecord record) in records)
            {
                table.Add(
                    PlainText.Of(node), PlainText.OrDash(record.PeerId ?? ""), PlainText.OrDash(record.Pending ?? ""));
            }

            table.Write(terminal.Output, terminal.Columns);
        }

        foreach (string problem in problems)
        {
            await terminal.Errors.WriteLineAsync($"edgemesh: {PlainText.Of(problem)}");
        }

        return problems.Count == 0 ? ExitCodes.Success : ExitCodes.Failure;
    }

    private static TrustRecord? Read(KubeConfigMap? map, string node)
    {
        if (map?.Data is null || !map.Data.TryGetValue(node, out string? text))
        {
            return null;
        }

        return TrustRecord.TryParse(text, out TrustRecord? record, out string? problem)
            ? record
            : throw new CommandException(
                ExitCodes.Failure,
                $"the trust record of {node} in {map.Metadata.Name} {PlainText.Of(problem)}; nothing was changed: "
                + "remove that key of the ConfigMap, and the controller begins again with the node");
    }

    private static ClusterObject After(string name, string node, TrustRecord next) =>
        ClusterObject.OfText(name, ClusterNames.LabelsOf(ClusterNames.TrustKind), node, next.ToText());

    private int Tell(string node, TrustDecision decision, TrustRecord? before, OutputFormat format)
    {
        if (!decision.IsDone)
        {
            throw new CommandException(ExitCodes.Failure, decision.Sentence);
        }

        if (format == OutputFormat.Json)
        {
            JsonText.Write(terminal.Output, json =>
            {
                json.WriteString("node", node);
                json.WriteString("peerId", (decision.Next ?? before)?.PeerId);
                json.WriteString("peerIdBefore", before?.PeerId);
                json.WriteBoolean("isChanged", decision.Next is not null);
            });
        }
        else
        {
            terminal.Output.WriteLine(decision.Sentence);
        }

        return ExitCodes.Success;
    }
}
