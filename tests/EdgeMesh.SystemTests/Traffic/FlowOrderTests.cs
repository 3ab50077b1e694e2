using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Sockets;
using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Perf.Lab;
using EdgeMesh.SystemTests.Fixtures;
using EdgeMesh.SystemTests.Hostile;
using EdgeMesh.Traffic;
using Xunit;

namespace EdgeMesh.SystemTests.Traffic;

/// <summary>Packets of one flow leave the tunnel in the order in which they came.</summary>
public abstract class FlowOrderTests<TFixture>(TFixture fixture) : IClassFixture<TFixture>
    where TFixture : MeshFixture
{
    private const ushort FirstPort = 20_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Segment_that_can_not_be_merged_stays_between_its_neighbours()
    {
        fixture.RequireMesh();
        const int Flows = 200;
        const int Segments = 5;
        const int Odd = 2; // the one with an option, between neighbours
        const int PayloadBytes = 1000;
        LabPod from = fixture.Lab.Pod("edge-a-pod1");
        LabPod to = fixture.Lab.Pod("cloud-1-pod1");
        using Socket far = to.Network.OpenSocket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Tcp);
        ReceiveBuffer.Grow(far);
        using TunSocket tun = await TunSocket.OpenAsync(from.Node.Network);
        var order = new Dictionary<ushort, List<uint>>();
        var stop = new StopFlag();
        Task receiving = LabThread.Run("segments arrive", () => ReceiveAll(far, order, stop));
        for (int flow = 0; flow < Flows; flow++)
        {
            for (int i = 0; i < Segments; i++)
            {
                var segment = new TcpSegment((ushort)(FirstPort + flow), (uint)(i * PayloadBytes), PayloadBytes);
                tun.Send(segment.ToPacket(from.Plan.Address4, to.Plan.Address4, 9, hasOption: i == Odd));
            }

            if (flow % 10 == 9)
            {
                await Task.Delay(2); // the queue of the link is short
            }
        }

        await Eventually.IsTrueAsync(() => Task.FromResult(Count(order) == Flows), Patience);
        stop.Set();
        await receiving;
        Assert.Equal(Flows, order.Count);
        int tried = order.Values.Count(seen => seen.Count >= 3 && seen.Contains(Odd * PayloadBytes));
        Assert.InRange(tried, Flows / 2, Flows); // what came alone is in order by itself
        Assert.All(order, flow => Assert.Equal(flow.Value.Order(), flow.Value));
    }

    [Fact]
    public async Task Flow_of_whole_and_cut_datagrams_keeps_its_order()
    {
        fixture.Require();
        const int Datagrams = 6000;
        LabPod from = fixture.Lab.Pod("edge-a-pod1");
        LabPod to = fixture.Lab.Pod("cloud-1-pod1");
        using UdpPair pair = await UdpPair.OpenAsync(from, to);
        var sequences = new List<long>();
        var stop = new StopFlag();
        Task receiving = LabThread.Run("datagrams arrive", () => ReceiveAll(pair.Far, sequences, stop));
        await LabThread.Run("datagrams leave", () => SendAll(pair.Near, Datagrams));
        await Task.Delay(TimeSpan.FromMilliseconds(500));
        stop.Set();
        await receiving;
        Assert.InRange(sequences.Count, Datagrams / 2, Datagrams); // else nothing was tried
        int late = sequences.Zip(sequences.Skip(1)).Count(pair => pair.Second < pair.First);
        Assert.True(late == 0, $"{late} of {sequences.Count} came after a later one");
    }

    private static void SendAll(Socket near, int datagrams)
    {
        int[] sizes = [500, 500, 3000];
        byte[] payload = new byte[3000];
        var pacer = new Pacer(MonotonicTime.Now, perSecond: 5000);
        for (int i = 0; i < datagrams; i++)
        {
            while (i % sizes.Length == 0 && !Pacer.Wait(pacer.IntendedNanos(i)))
            {
                // Only a look at a flag was due.
            }

            new UdpDatagram(0, 0, i, MonotonicTime.Now).Write(payload);
            near.Send(payload.AsSpan(0, sizes[i % sizes.Length]), SocketFlags.None);
        }
    }

    private static void ReceiveAll(Socket far, List<long> sequences, StopFlag stop)
    {
        byte[] buffer = new byte[ushort.MaxValue];
        Receive(far, buffer, stop, count =>
        {
            if (UdpDatagram.TryParse(buffer.AsSpan(0, count), out UdpDatagram datagram))
            {
                sequences.Add(datagram.Sequence);
            }
        });
    }

    // A super-packet adds its first sequence only: those that it holds are in order by themselves.
    private static void ReceiveAll(Socket far, Dictionary<ushort, List<uint>> order, StopFlag stop)
    {
        byte[] buffer = new byte[ushort.MaxValue + 1];
        Receive(far, buffer, stop, count =>
        {
            if (!TcpSegment.TryParse(buffer.AsSpan(0, count), out TcpSegment segment) ||
                segment.SourcePort < FirstPort || segment.PayloadBytes == 0)
            {
                return;
            }

            lock (order)
            {
                if (!order.TryGetValue(segment.SourcePort, out List<uint>? sequences))
                {
                    order.Add(segment.SourcePort, sequences = []);
                }

                sequences.Add(segment.Sequence);
            }
        });
    }

    private static void Receive(Socket far, byte[] buffer, StopFlag stop, Action<int> take)
    {
        far.ReceiveTimeout = StopFlag.LookMillis;
        while (true)
        {
            int count = far.Receive(buffer, SocketFlags.None, out SocketError error);
            if (error == SocketError.Success)
            {
                take(count);
            }
            else if (stop.IsSet)
            {
                return;
            }
        }
    }

    private static int Count(Dictionary<ushort, List<uint>> order)
    {
        lock (order)
        {
            return order.Count;
        }
    }
}
