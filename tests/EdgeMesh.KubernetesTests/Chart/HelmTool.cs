using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace EdgeMesh.KubernetesTests.Chart;

/// <summary>One of the two helms that the chart has to work with, and the chart.</summary>
/// <remarks>
/// A helm is taken from EDGEMESH_HELM3 or EDGEMESH_HELM4, else from artifacts/tools, where .ci/helm puts both. It needs
/// no cluster for what is asked of it here.
/// </remarks>
internal sealed class HelmTool
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(1);
    private readonly string _path;

    private HelmTool(string path) => _path = path;

    /// <summary>Both helms, for theories.</summary>
    public static TheoryData<string> Versions => new("helm3", "helm4");

    /// <summary>Both helms with each file of ci/.</summary>
    public static TheoryData<string, string> VersionsAndUses
    {
        get
        {
            TheoryData<string, string> data = [];
            foreach (string version in new[] { "helm3", "helm4" })
            {
                foreach (string use in Uses)
                {
                    data.Add(version, use);
                }
            }

            return data;
        }
    }

    /// <summary>The chart's directory.</summary>
    public static string Chart => Path.Combine(Root, "charts", "edgemesh");

    private static IEnumerable<string> Uses => Directory.GetFiles(Path.Combine(Chart, "ci"), "*-values.yaml")
        .Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);

    private static string Root { get; } = FindRoot();

    /// <summary>Finds a helm; skips the test if there is none.</summary>
    /// <param name="version">helm3 or helm4.</param>
    public static HelmTool Require(string version)
    {
        string variable = $"EDGEMESH_{version.ToUpperInvariant()}";
        string path = Environment.GetEnvironmentVariable(variable)
            ?? Path.Combine(Root, "artifacts", "tools", version, "helm");
        Assert.SkipUnless(File.Exists(path), $"there is no {path}: run .ci/helm, or set {variable}");
        return new HelmTool(path);
    }

    /// <summary>The file of one use.</summary>
    public static string Use(string name) => Path.Combine(Chart, "ci", name);

    /// <summary>Renders the chart as release "edgemesh" in the namespace kubeedge.</summary>
    public Task<HelmRun> TemplateAsync(params string[] arguments) =>
        RunAsync(["template", "edgemesh", Chart, "--namespace", "kubeedge", .. arguments]);

    /// <summary>Renders, and reads what came of it.</summary>
    public async Task<RenderedChart> RenderAsync(params string[] arguments)
    {
        HelmRun run = await TemplateAsync(arguments);
        Assert.True(run.ExitCode == 0, run.Errors);
        return new RenderedChart(run.Output);
    }

    /// <summary>Renders with one value of each pair <c>key=value</c>, as whoever types --set does.</summary>
    public Task<RenderedChart> RenderSetAsync(params string[] sets) =>
        RenderAsync([.. sets.SelectMany(set => new[] { "--set", set })]);

    /// <summary>Renders what must be refused.</summary>
    /// <returns>What helm said.</returns>
    public async Task<string> RefusalAsync(params string[] sets)
    {
        HelmRun run = await TemplateAsync([.. sets.SelectMany(set => new[] { "--set", set })]);
        Assert.True(run.ExitCode != 0, $"it was rendered: {run.Output}");
        return run.Errors;
    }

    /// <summary>Runs helm with arguments.</summary>
    public async Task<HelmRun> RunAsync(params string[] arguments)
    {
        using var process = new Process();
        process.StartInfo = new ProcessStartInfo(_path, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Whatever cluster this machine's user has is none of ours.
        process.StartInfo.Environment["KUBECONFIG"] = "/nonexistent";
        process.StartInfo.Environment["HELM_DEBUG"] = "false";
        process.Start();
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeLimit);
        return new HelmRun(process.ExitCode, await output, await errors);
    }

    private static string FindRoot()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "EdgeMesh.Dataplane.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("the test runs outside of the repository");
    }
}
