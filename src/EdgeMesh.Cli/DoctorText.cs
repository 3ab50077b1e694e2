using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace EdgeMesh.Cli;

/// <summary>The doctor's report in both formats.</summary>
internal static class DoctorText
{
    private const int NodesNamed = 5;
    private const int CommitCharsShown = 7;

    /// <summary>For people.</summary>
    public static void WriteTable(DoctorReport report, TextWriter output, int columns)
    {
        var summary = new Table("", "");
        summary.Add("mesh", report.Generation == 0
            ? $"none in namespace {PlainText.Of(report.Namespace)}"
            : $"generation {report.Generation}, confirmed {Age(report.ShardAge)}, "
                + $"{report.Nodes.Count(node => node.IsInMesh)} of {report.Nodes.Count} nodes");
        summary.Add("controller", report.Controller.Length == 0
            ? "nobody holds the Lease" : $"{PlainText.Of(report.Controller)}, renewed {Age(report.ControllerRenewed)}");
        summary.Write(output, columns);
        output.WriteLine();
        var nodes = new Table(
            "NODE", "AGENT", "VERSION", ">GENERATION", ">LAG", "KEY", "MESH", ">PREFIXES", ">PODS");
        foreach (NodeRow node in report.Nodes)
        {
            nodes.Add(
                PlainText.Of(node.Name), node.Agent, PlainText.OrDash(Short(node.Version)),
                node.Generation == 0 ? "-" : Number(node.Generation), node.Lag is { } lag ? Number(lag) : "-",
                node.Key, node.IsInMesh ? "yes" : "no", Number((ulong)node.Prefixes), Number((ulong)node.Pods));
        }

        nodes.Write(output, columns);
        output.WriteLine();
        WriteFindings(report, output, columns);
        WritePods(report, output, columns);
    }

    /// <summary>For programs: properties of an object that is open.</summary>
    public static void WriteJson(DoctorReport report, Utf8JsonWriter json)
    {
        json.WriteString("namespace", report.Namespace);
        json.WriteNumber("generation", report.Generation);
        WriteSeconds(json, "shardAgeSeconds", report.ShardAge);
        json.WriteString("controller", report.Controller);
        WriteSeconds(json, "controllerRenewedSeconds", report.ControllerRenewed);
        json.WriteStartArray("nodes");
        foreach (NodeRow node in report.Nodes)
        {
            json.WriteStartObject();
            json.WriteString("name", node.Name);
            json.WriteString("agent", node.Agent);
            json.WriteString("version", node.Version);
            json.WriteNumber("generation", node.Generation);
            if (node.Lag is { } lag)
            {
                json.WriteNumber("lag", lag);
            }
            else
            {
                json.WriteNull("lag");
            }

            json.WriteString("key", node.Key);
            json.WriteBoolean("inMesh", node.IsInMesh);
            json.WriteNumber("prefixes", node.Prefixes);
            json.WriteNumber("pods", node.Pods);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("findings");
        foreach (Finding finding in report.Findings)
        {
            json.WriteStartObject();
            json.WriteString("code", JsonNamingPolicy.SnakeCaseLower.ConvertName(finding.Code.ToString()));
            json.WriteTexts("nodes", finding.Nodes);
            json.WriteString("problem", finding.Problem);
            json.WriteString("remedy", finding.Remedy);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("podsToRecreate");
        foreach (PodSighting pod in report.PodsToRecreate)
        {
            json.WriteStartObject();
            json.WriteString("pod", pod.Pod);
            json.WriteString("node", pod.Node);
            json.WriteString("address", pod.Address.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteFindings(DoctorReport report, TextWriter output, int columns)
    {
        if (report.Findings.Count == 0)
        {
            output.WriteLine("nothing found");
            return;
        }

        output.WriteLine(report.Findings.Count == 1 ? "1 finding:" : $"{report.Findings.Count} findings:");
        var findings = new Table("", "");
        foreach (Finding finding in report.Findings)
        {
            findings.Add(
                JsonNamingPolicy.SnakeCaseLower.ConvertName(finding.Code.ToString()),
                PlainText.Of($"{finding.Problem}{Nodes(finding.Nodes)}. Remedy: {finding.Remedy}."));
        }

        findings.Write(output, columns);
    }

    private static void WritePods(DoctorReport report, TextWriter output, int columns)
    {
        if (report.PodsToRecreate.Count == 0)
        {
            return;
        }

        output.WriteLine();
        output.WriteLine("pods to recreate, once the findings are mended:");
        var pods = new Table("POD", "NODE", "ADDRESS");
        foreach (PodSighting pod in report.PodsToRecreate)
        {
            pods.Add(PlainText.Of(pod.Pod), PlainText.Of(pod.Node), pod.Address.ToString());
        }

        pods.Write(output, columns);
    }

    // Findings of one or two nodes name them in their sentence.
    private static string Nodes(IReadOnlyList<string> nodes) => nodes.Count <= 2
        ? ""
        : $" ({string.Join(", ", nodes.Take(NodesNamed))}"
            + (nodes.Count > NodesNamed ? $" and {nodes.Count - NodesNamed} more)" : ")");

    // A whole commit would push the columns behind it off the screen; JSON has it.
    private static string Short(string version)
    {
        int commit = version.IndexOf('+', StringComparison.Ordinal) + 1;
        return commit > 0 ? version[..Math.Min(version.Length, commit + CommitCharsShown)] : version;
    }

    private static string Age(TimeSpan? age) =>
        age is { } known ? $"{Quantity.Duration(known.TotalSeconds)} ago" : "never";

    private static string Number(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    private static void WriteSeconds(Utf8JsonWriter json, string name, TimeSpan? time)
    {
        if (time is { } known)
        {
            json.WriteNumber(name, known.TotalSeconds);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
