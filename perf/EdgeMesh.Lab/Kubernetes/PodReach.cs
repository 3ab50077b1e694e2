using System;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Lab.Kubernetes;

/// <summary>
/// Finds out who reaches whom: a UDP socket in each pod sends numbered datagrams to the others, and each receiver
/// checks that they still carry the sender's address. One process holds all sockets, as a socket stays in the namespace
/// it was opened in.
/// </summary>
/// <param name="port">The port of all its sockets: two that are used at once need two.</param>
public sealed class PodReach(int port = PodReach.PortDefault) : IAsyncDisposable
{
    private const int PortDefault = 7777;
    private const int DatagramBytes = 12;
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(100);
    private readonly ConcurrentDictionary<int, Listener> _listeners = [];
    private readonly ConcurrentDictionary<(int From, int To, int Run), IPAddress> _arrived = [];
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _receiving = [];
    private static int _portLast = PortDefault;
    private int _keyLast;
    private int _runLast;

    /// <summary>A port that none of this process has used for this.</summary>
    public static int NextPort() => Interlocked.Increment(ref _portLast);

    /// <summary>Puts sockets into a pod.</summary>
    public void Add(PodPlace pod)
    {
        foreach (IPAddress address in pod.Addresses)
        {
            int key = Interlocked.Increment(ref _keyLast);
            Socket socket = pod.Network.BindUdp(new IPEndPoint(address, port));
            _listeners[key] = new Listener(pod, socket, address);
            lock (_receiving)
            {
                _receiving.Add(ReceiveAsync(key, socket));
            }
        }
    }

    /// <summary>Takes a pod's sockets away.</summary>
    public void Remove(PodPlace pod)
    {
        foreach ((int key, Listener listener) in _listeners)
        {
            if (listener.Pod.Uid == pod.Uid && _listeners.TryRemove(key, out _))
            {
                listener.Socket.Dispose();
            }
        }
    }

    /// <summary>Sends from each pod to each other, again and again to those not reached yet.</summary>
    /// <param name="isIpv6">Which family.</param>
    /// <param name="patience">How long; the result says who was not reached by then.</param>
    /// <param name="isWanted">Which pairs; all if null.</param>
    /// <param name="rounds">At most so many datagrams for a pair.</param>
    public async Task<ReachReport> ProbeAsync(
        bool isIpv6, TimeSpan patience, Func<PodPlace, PodPlace, bool>? isWanted = null, int rounds = int.MaxValue)
    {
        int run = Interlocked.Increment(ref _runLast);
        AddressFamily family = isIpv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        KeyValuePair<int, Listener>[] ends =
            [.. _listeners.Where(entry => entry.Value.Address.AddressFamily == family)];
        List<(int From, int To)> pairs =
        [
            .. from first in ends
               from second in ends
               where first.Key != second.Key && (isWanted?.Invoke(first.Value.Pod, second.Value.Pod) ?? true)
               select (first.Key, second.Key),
        ];
        var clock = Stopwatch.StartNew();
        List<(int From, int To)> missing = pairs;
        for (int round = 0; missing.Count > 0 && clock.Elapsed < patience; round++)
        {
            if (round < rounds)
            {
                await SendAllAsync(missing, run);
            }

            await Task.Delay(Round);
            missing = [.. missing.Where(pair => !_arrived.ContainsKey((pair.From, pair.To, run)))];
        }

        return new ReachReport(
            pairs.Count,
            [.. missing.Select(pair => (_listeners[pair.From].Pod, _listeners[pair.To].Pod))],
            [.. pairs.Where(pair => IsTranslated(pair, run)).Select(pair => DescribeTranslated(pair, run))],
            clock.Elapsed);
    }

    /// <summary>Closes all sockets.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        foreach (Listener listener in _listeners.Values)
        {
            listener.Socket.Dispose();
        }

        await Task.WhenAll(_receiving);
        _end.Dispose();
    }

    private bool IsTranslated((int From, int To) pair, int run) =>
        _arrived.TryGetValue((pair.From, pair.To, run), out IPAddress? source) &&
        !source.Equals(_listeners[pair.From].Address);

    private string DescribeTranslated((int From, int To) pair, int run) =>
        $"{_listeners[pair.From].Pod.Name} ({_listeners[pair.From].Address}) is seen by " +
        $"{_listeners[pair.To].Pod.Name} as {_arrived[(pair.From, pair.To, run)]}";

    private async Task SendAllAsync(IEnumerable<(int From, int To)> pairs, int run)
    {
        byte[] datagram = new byte[DatagramBytes];
        foreach ((int from, int to) in pairs)
        {
            if (!_listeners.TryGetValue(from, out Listener? sender) ||
                !_listeners.TryGetValue(to, out Listener? target))
            {
                continue;
            }

            BinaryPrimitives.WriteInt32BigEndian(datagram, from);
            BinaryPrimitives.WriteInt32BigEndian(datagram.AsSpan(4), to);
            BinaryPrimitives.WriteInt32BigEndian(datagram.AsSpan(8), run);
            try
            {
                await sender.Socket.SendToAsync(datagram, new IPEndPoint(target.Address, port), _end.Token);
            }
            catch (SocketException)
            {
                // No route yet, or an answer to an earlier one that said so: it counts as not reached.
            }
        }
    }

    private async Task ReceiveAsync(int key, Socket socket)
    {
        byte[] datagram = new byte[64];
        var any = new IPEndPoint(
            socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (true)
        {
            try
            {
                SocketReceiveFromResult result = await socket.ReceiveFromAsync(datagram, any, _end.Token);
                int from = BinaryPrimitives.ReadInt32BigEndian(datagram);
                int to = BinaryPrimitives.ReadInt32BigEndian(datagram.AsSpan(4));
                int run = BinaryPrimitives.ReadInt32BigEndian(datagram.AsSpan(8));
                if (result.ReceivedBytes == DatagramBytes && to == key)
                {
                    _arrived[(from, to, run)] = ((IPEndPoint)result.RemoteEndPoint).Address;
                }
            }
            catch (SocketException refused) when (refused.SocketErrorCode != SocketError.OperationAborted)
            {
                // An ICMP answer to something we sent.
            }
            catch (Exception end) when (end is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                return;
            }
        }
    }

    private sealed record Listener(PodPlace Pod, Socket Socket, IPAddress Address);
}
