using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab.Running;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace EdgeMesh.Lab.Networks;

/// <summary>A network namespace of the lab: where commands run and sockets are opened.</summary>
public sealed class LabNamespace
{
    private readonly string _logDirectory;

    internal LabNamespace(string role, string name, string logDirectory, string? path = null)
    {
        Role = role;
        Name = name;
        Path = path ?? "/run/netns/" + name;
        _logDirectory = logDirectory;
    }

    /// <summary>What it stands for: the node's or the pod's name.</summary>
    public string Role { get; }

    /// <summary>Its name for <c>ip netns</c>: the lab's prefix and the role. That of a pod of a cluster is no name
    /// for <c>ip netns</c>, as its container runtime holds it.</summary>
    public string Name { get; }

    /// <summary>The file that holds it.</summary>
    public string Path { get; }

    /// <summary>Runs a program inside, to its end.</summary>
    public Task<CommandResult> RunAsync(params string[] words) => Command.RunAsync(Enter(words));

    /// <summary>Runs a program inside, to its end, with what it reads and a bound on time.</summary>
    public Task<CommandResult> RunAsync(IReadOnlyList<string> words, string? input, TimeSpan? timeout) =>
        Command.RunAsync(Enter(words), input, timeout);

    /// <summary>Starts a long-lived program inside; what it writes goes to files named after the role and it.</summary>
    public LabProcess Start(string name, IReadOnlyList<string> words) =>
        LabProcess.Start(Role + "." + name, _logDirectory, Enter(words));

    /// <summary>Runs a function on a thread inside the namespace. Sockets it opens stay there for life.</summary>
    /// <remarks>
    /// A thread of its own, that ends with the function: a namespace is a property of a thread, and none of the
    /// pool's may keep it.
    /// </remarks>
    public T Inside<T>(Func<T> function)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                EnterThread();
                result = function();
            }
#pragma warning disable CA1031 // Brought to the calling thread and thrown there.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }

    /// <summary>Opens a socket inside.</summary>
    public Socket OpenSocket(AddressFamily family, SocketType type, ProtocolType protocol) =>
        Inside(() => new Socket(family, type, protocol));

    /// <summary>Opens a bound, listening TCP socket inside.</summary>
    public Socket Listen(IPEndPoint endPoint, int backlog = 1024)
    {
        Socket socket = OpenSocket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(endPoint);
        socket.Listen(backlog);
        return socket;
    }

    /// <summary>Opens a bound UDP socket inside.</summary>
    public Socket BindUdp(IPEndPoint endPoint)
    {
        Socket socket = OpenSocket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(endPoint);
        return socket;
    }

    /// <summary>Opens a TCP connection from inside.</summary>
    public async Task<Socket> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellation)
    {
        Socket socket = OpenSocket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endPoint, cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Reads a file of <c>/proc/net</c> or <c>/proc/sys/net</c> as it is inside.</summary>
    public string ReadFile(string path) => Inside(() => File.ReadAllText(ThreadPath(path)));

    /// <summary>Writes a file of <c>/proc/sys/net</c> inside.</summary>
    public void WriteFile(string path, string text) => Inside(() =>
    {
        File.WriteAllText(path, text);
        return true;
    });

    /// <summary>The words that run a program inside.</summary>
    /// <remarks>nsenter, not <c>ip netns exec</c>: that mounts /sys again and hides the control groups.</remarks>
    internal List<string> Enter(IReadOnlyList<string> words) => ["nsenter", "--net=" + Path, "--", .. words];

    // /proc/net is the main thread's; a thread elsewhere sees its own under thread-self.
    private static string ThreadPath(string path) =>
        path.Replace("/proc/net/", "/proc/thread-self/net/", StringComparison.Ordinal);

    private void EnterThread()
    {
        using SafeFileHandle file = File.OpenHandle(Path);
        if (LibC.setns((int)file.DangerousGetHandle(), LibC.CLONE_NEWNET) != 0)
        {
            throw new LabException($"cannot enter {Path}: errno {LibC.errno}; labs need root");
        }
    }
}
