using System;
using System.CommandLine;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Cli.Commands;

/// <summary>
/// The commands that ask a cluster's API, not a data plane: <c>trust</c> and <c>doctor --cluster</c>.
/// </summary>
internal static class ClusterCommands
{
    /// <summary><c>edgemesh trust</c>.</summary>
    public static Command Trust(Terminal terminal, Option<string> output, Func<ParseResult, OutputFormat> format)
    {
        var node = new Argument<string?>("node")
        {
            HelpName = "NODE",
            Description = "a node's name",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var peerId = new Option<string?>("--peer-id")
        {
            HelpName = "ID",
            Description = "approve this key only, as 'edgemesh-dataplane identity' has it on that node; it may be "
                + "named before the node shows it",
        };
        var list = new Option<bool>("--list") { Description = "list all nodes' keys, and approve nothing" };
        var command = new Command(
            "trust",
            "Approves the key that a node shows and that waits for it: the node's first one with 'trust: approve', a "
            + "changed one always. Until then what is in force stays. Exit code 1 if nothing was approved.")
        {
            node, peerId, list, output,
        };
        ClusterOptions.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(list) == result.GetValue(node) is not null)
            {
                result.AddError("trust: name a node, or give --list");
            }
        });
        command.SetAction(async (parsed, cancel) =>
        {
            using ClusterLink link = ClusterLink.Open(ClusterOptions.Read(parsed));
            var run = new TrustRun(link, terminal);
            return parsed.GetValue(node) is { } name && !parsed.GetValue(list)
                ? await run.ApproveAsync(name, parsed.GetValue(peerId), format(parsed), cancel)
                : await run.ListAsync(format(parsed), cancel);
        });
        return command;
    }

    /// <summary><c>edgemesh doctor</c>.</summary>
    public static Command Doctor(Terminal terminal, Option<string> output, Func<ParseResult, OutputFormat> format)
    {
        var cluster = new Option<bool>("--cluster")
        {
            Description = "look at the whole cluster, through its API only",
        };
        var command = new Command(
            "doctor",
            "Lists what is wrong with the mesh of a cluster: agents, generations, keys, conflicts, overlaps, ranges "
            + "that several nodes hand out, pods to recreate. Needs list on nodes, pods, configmaps, and get on "
            + "leases. Exit code 1 if it found something.")
        {
            cluster, output,
        };
        ClusterOptions.AddTo(command);
        command.Validators.Add(result =>
        {
            if (!result.GetValue(cluster))
            {
                result.AddError("doctor: give --cluster");
            }
        });
        command.SetAction(async (parsed, cancel) =>
        {
            using ClusterLink link = ClusterLink.Open(ClusterOptions.Read(parsed));
            return await DiagnoseAsync(link, terminal, format(parsed), cancel);
        });
        return command;
    }

    private static async Task<int> DiagnoseAsync(
        ClusterLink link, Terminal terminal, OutputFormat format, CancellationToken cancel)
    {
        DoctorReport report = ClusterJudgement.Of(await ClusterReader.ReadAsync(link, TimeProvider.System, cancel));
        if (format == OutputFormat.Json)
        {
            JsonText.Write(terminal.Output, json => DoctorText.WriteJson(report, json));
        }
        else
        {
            DoctorText.WriteTable(report, terminal.Output, terminal.Columns);
        }

        return report.Findings.Count == 0 ? ExitCodes.Success : ExitCodes.Failure;
    }
}
