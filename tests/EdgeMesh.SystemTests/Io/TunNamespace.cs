using System;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Threading;
using EdgeMesh.Io.Tun;
using EdgeMesh.Native;
using EdgeMesh.Packets;
using Xunit;

namespace EdgeMesh.SystemTests.Io;

/// <summary>A network namespace of one test; the test's body runs on a thread inside it.</summary>
/// <remarks><code>
///   sockets of the test, 10.9.0.1  --kernel-->  em_tun  --TunQueue-->   the test, as 10.9.0.2
///                                  &lt;--kernel--          &lt;--TunQueue--
/// </code></remarks>
internal sealed class TunNamespace
{
    public const string Link = "em_tun";

    private static int _number;

    private TunNamespace(string name) => Name = name;

    public static IPAddress Near { get; } = IPAddress.Parse("10.9.0.1");

    public static IPAddress Far { get; } = IPAddress.Parse("10.9.0.2");

    public string Name { get; }

    /// <summary>Makes a namespace, runs the body on a thread of its own inside, and removes it again.</summary>
    public static void Run(Action<TunNamespace> body)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "TUN devices and network namespaces take root");
        string number = Interlocked.Increment(ref _number).ToString(CultureInfo.InvariantCulture);
        TunNamespace self = new($"em-io-{Environment.ProcessId}-{number}");
        bool isMade = Execute("ip", $"netns add {self.Name}", out string error) == 0;
        Assert.SkipUnless(isMade, $"no network namespace: {error}");
        Exception? failure = null;
        try
        {
            Thread thread = new(() =>
            {
                try
                {
                    NetworkNamespace.Enter($"/run/netns/{self.Name}");
                    // This thread's namespace: else the kernel looks for IPv6 routers, and the packets are not ours
                    // alone.
                    File.WriteAllText("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
                    body(self);
                }
#pragma warning disable CA1031 // It is thrown again on the test's thread.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    failure = exception;
                }
            });
            thread.Start();
            thread.Join();
        }
        finally
        {
            Execute("ip", $"netns delete {self.Name}", out _);
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    public static TunOptions Options(bool offload, int queues = 1) =>
        new(Link, Limits.MtuBytesDefault, queues, offload);

    /// <summary>Opens the link and gives it an address.</summary>
    public TunDevice OpenDevice(bool offload, int queues = 1)
    {
        TunDevice device = TunDevice.Open(Options(offload, queues));
        Ip($"address replace 10.9.0.1/24 dev {Link}");
        return device;
    }

    /// <summary>A UDP socket in the namespace, at the near address.</summary>
    public static Socket OpenSocket(int port = 0)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
        {
            ReceiveTimeout = 5000,
            ReceiveBufferSize = 4 << 20,
        };
        socket.Bind(new IPEndPoint(Near, port));
        return socket;
    }

    /// <summary>Runs <c>ip</c> on the namespace.</summary>
    public string Ip(string arguments)
    {
        int code = Execute("ip", $"-n {Name} {arguments}", out string output);
        Assert.True(code == 0, $"ip {arguments}: {output}");
        return output;
    }

    private static int Execute(string program, string arguments, out string output)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            })!;
            output = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (Win32Exception exception)
        {
            output = exception.Message;
            return -1;
        }
    }
}
