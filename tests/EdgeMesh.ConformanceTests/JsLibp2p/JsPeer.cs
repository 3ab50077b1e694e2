using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using Xunit;

namespace EdgeMesh.ConformanceTests.JsLibp2p;

/// <summary>A js-libp2p node in a process of its own, driven by lines of JSON; see peer/peer.js.</summary>
internal sealed class JsPeer : IAsyncDisposable
{
    private static readonly SemaphoreSlim Installing = new(1, 1);
    private static bool _isInstalled;

    private readonly Process _process;
    private readonly Dictionary<int, TaskCompletionSource<JsonElement>> _asked = [];
    private readonly Lock _lock = new();
    private int _nextId;

    private JsPeer(Process process)
    {
        _process = process;
        _ = Task.Run(ReadAnswersAsync);
    }

    public PeerId PeerId { get; private set; } = null!;

    public IPEndPoint EndPoint { get; private set; } = null!;

    public static async Task<JsPeer> StartAsync()
    {
        string directory = PeerDirectory();
        Assert.SkipUnless(IsThere("node") && IsThere("npm"), "node and npm are not installed: apt install nodejs npm");
        await InstallAsync(directory);
        var peer = new JsPeer(Start(directory, "node", "peer.js"));
        JsonElement info = await peer.DoAsync("info");
        Multiaddr address = Multiaddr.Parse(info.GetProperty("addresses")[0].GetString()!);
        peer.PeerId = PeerId.Parse(info.GetProperty("peerId").GetString()!);
        peer.EndPoint = address.TryGetTcpEndPoint(out IPEndPoint? endPoint)
            ? endPoint
            : throw new InvalidDataException(address.ToString());
        return peer;
    }

    /// <summary>Asks for one action of peer.js and gives its result.</summary>
    public async Task<JsonElement> DoAsync(string action, JsonObject? arguments = null)
    {
        JsonObject request = arguments ?? [];
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            request["id"] = ++_nextId;
            _asked[_nextId] = answer;
        }

        request["do"] = action;
        await _process.StandardInput.WriteLineAsync(request.ToJsonString());
        await _process.StandardInput.FlushAsync();
        return await answer.Task.WaitAsync(TimeSpan.FromSeconds(50));
    }

    /// <summary>Ends the process without a word, as a crash does.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static string PeerDirectory([CallerFilePath] string file = "") =>
        Path.Combine(Path.GetDirectoryName(file)!, "peer");

    private static bool IsThere(string program) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
            .Any(directory => File.Exists(Path.Combine(directory, program)));

    private static async Task InstallAsync(string directory)
    {
        await Installing.WaitAsync();
        try
        {
            string lockFile = Path.Combine(directory, "package-lock.json");
            string installed = Path.Combine(directory, "node_modules", ".package-lock.json");
            _isInstalled = _isInstalled || (File.Exists(installed)
                && File.GetLastWriteTimeUtc(installed) >= File.GetLastWriteTimeUtc(lockFile));
            if (!_isInstalled)
            {
                using Process npm = Start(directory, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error");
                npm.StandardInput.Close();
                string output = await npm.StandardOutput.ReadToEndAsync();
                await npm.WaitForExitAsync();
                _isInstalled = npm.ExitCode == 0
                    ? true
                    : throw new InvalidOperationException("npm ci failed: " + output);
            }
        }
        finally
        {
            Installing.Release();
        }
    }

    private static Process Start(string directory, string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;

    private async Task ReadAnswersAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is string line)
        {
            JsonElement answer = JsonDocument.Parse(line).RootElement;
            TaskCompletionSource<JsonElement>? asked;
            lock (_lock)
            {
                _asked.Remove(answer.GetProperty("id").GetInt32(), out asked);
            }

            if (answer.TryGetProperty("error", out JsonElement error))
            {
                asked!.TrySetException(new InvalidOperationException("js: " + error.GetString()));
            }
            else
            {
                asked!.TrySetResult(answer.GetProperty("ok"));
            }
        }
    }
}
