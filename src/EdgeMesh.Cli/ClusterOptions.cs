using System.CommandLine;

namespace EdgeMesh.Cli;

/// <summary>Where a cluster is.</summary>
/// <param name="Namespace">Of the product's objects; null: the context's or the pod's, else kubeedge.</param>
/// <param name="Kubeconfig">A file; null: as kubectl finds it, or the pod's service account.</param>
/// <param name="Context">A context in it; null: its current one.</param>
internal sealed record ClusterOptions(string? Namespace, string? Kubeconfig, string? Context)
{
    private static readonly Option<string?> NamespaceOption = new("--namespace", "-n")
    {
        Description = "namespace of the release; by default the context's or the pod's, else kubeedge",
        HelpName = "NS",
    };

    private static readonly Option<string?> KubeconfigOption = new("--kubeconfig")
    {
        Description = "by default as kubectl finds it, or in a pod its service account",
        HelpName = "FILE",
    };

    private static readonly Option<string?> ContextOption = new("--context")
    {
        Description = "context of the kubeconfig; by default its current one",
        HelpName = "NAME",
    };

    /// <summary>Gives a command the options.</summary>
    public static void AddTo(Command command)
    {
        command.Options.Add(NamespaceOption);
        command.Options.Add(KubeconfigOption);
        command.Options.Add(ContextOption);
    }

    /// <summary>What was written.</summary>
    public static ClusterOptions Read(ParseResult parsed) => new(
        parsed.GetValue(NamespaceOption), parsed.GetValue(KubeconfigOption), parsed.GetValue(ContextOption));
}
