using System;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Lab.Kubernetes;

/// <summary>
/// One TCP connection between two pods that carries numbered messages at a steady pace and has each echoed, for as long
/// as something else happens. It knows whether the connection survived and how long it once stood still.
/// </summary>
public sealed class PodFlow : IAsyncDisposable
{
    private const int MessageBytes = 1024;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);
    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _client;
    private readonly Socket _server;
    private readonly Task _echoing;
    private readonly Task _sending;
    private readonly Task _receiving;
    private long _sent; // written by the sending task
    private long _echoed; // written by the receiving task
    private long _gapTicksMax; // written by the receiving task

    private PodFlow(Socket client, Socket server)
    {
        _client = client;
        _server = server;
        _echoing = EchoAsync();
        _sending = SendAsync();
        _receiving = ReceiveAsync();
    }

    /// <summary>Messages echoed so far.</summary>
    public long Echoed => Interlocked.Read(ref _echoed);

    /// <summary>The longest time between two echoes.</summary>
    public TimeSpan LongestGap => new(Interlocked.Read(ref _gapTicksMax));

    /// <summary>Connects a pod to another and begins to send.</summary>
    public static async Task<PodFlow> StartAsync(PodPlace from, PodPlace to, bool isIpv6 = false)
    {
        IPAddress address = to.Address(isIpv6) ?? throw new LabException($"{to.Name} has no address of that family");
        using Socket listener = to.Network.Listen(new IPEndPoint(address, 0));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        Task<Socket> accepting = listener.AcceptAsync(limit.Token).AsTask();
        Socket client = await from.Network.ConnectAsync((IPEndPoint)listener.LocalEndPoint!, limit.Token);
        Socket server = await accepting;
        client.NoDelay = true;
        server.NoDelay = true;
        return new PodFlow(client, server);
    }

    /// <summary>Stops sending and waits until the last message is echoed.</summary>
    /// <param name="patience">How long that may take.</param>
    /// <returns>How many messages went there and back, each intact and in order.</returns>
    /// <exception cref="LabException">The connection broke, or stands still.</exception>
    public async Task<long> FinishAsync(TimeSpan patience)
    {
        await _stop.CancelAsync();
        try
        {
            await Task.WhenAll(_sending, _receiving, _echoing).WaitAsync(patience);
        }
        catch (Exception broken) when (broken is TimeoutException or SocketException)
        {
            throw new LabException(
                $"the flow broke: {_sent} messages sent, {_echoed} echoed, longest gap {LongestGap}: {broken.Message}",
                broken);
        }

        return _echoed;
    }

    /// <summary>Closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _client.Dispose();
        _server.Dispose();
        await Task.WhenAll(_sending, _receiving, _echoing).ContinueWith(
            _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        _stop.Dispose();
    }

    private async Task SendAsync()
    {
        byte[] message = new byte[MessageBytes];
        while (!_stop.IsCancellationRequested)
        {
            BinaryPrimitives.WriteInt64BigEndian(message, _sent);
            await SendAllAsync(_client, message);
            _sent++;
            await Task.Delay(Pace, CancellationToken.None);
        }

        _client.Shutdown(SocketShutdown.Send);
    }

    private async Task EchoAsync()
    {
        byte[] piece = new byte[16 << 10];
        int length;
        while ((length = await _server.ReceiveAsync(piece)) > 0)
        {
            await SendAllAsync(_server, piece.AsMemory(0, length));
        }

        _server.Shutdown(SocketShutdown.Send);
    }

    private async Task ReceiveAsync()
    {
        byte[] message = new byte[MessageBytes];
        long last = Stopwatch.GetTimestamp();
        while (true)
        {
            for (int filled = 0; filled < MessageBytes;)
            {
                int length = await _client.ReceiveAsync(message.AsMemory(filled));
                if (length == 0)
                {
                    if (filled > 0 || !_stop.IsCancellationRequested)
                    {
                        throw new LabException($"the flow was closed after {_echoed} messages");
                    }

                    return;
                }

                filled += length;
            }

            long number = BinaryPrimitives.ReadInt64BigEndian(message);
            if (number != _echoed)
            {
                throw new LabException($"message {number} came where {_echoed} was due");
            }

            Interlocked.Increment(ref _echoed);
            long gap = Stopwatch.GetElapsedTime(last).Ticks;
            last = Stopwatch.GetTimestamp();
            if (gap > _gapTicksMax)
            {
                Interlocked.Exchange(ref _gapTicksMax, gap);
            }
        }
    }

    private static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await socket.SendAsync(bytes)..];
        }
    }
}
