using System;
using BenchmarkDotNet.Attributes;
using EdgeMesh.Libp2p.Yamux;

namespace EdgeMesh.Benchmarks.Connections;

/// <summary>Data frames of one stream through the far side's session, with the window updates they cause.</summary>
[MemoryDiagnoser]
public class YamuxBenchmark
{
    private const int Frames = 64;
    private const int WindowBytes = 16 << 20;

    private readonly byte[] _frame = new byte[YamuxHeader.SizeBytes + YamuxLimits.PayloadBytesMax];
    private readonly byte[] _control = new byte[4096];
    private YamuxSession _near = null!;
    private YamuxSession _far = null!;
    private YamuxStream _sending = null!;
    private YamuxStream _receiving = null!;

    [Params(64, 1400, 60_000)]
    public int PayloadBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _near = new YamuxSession(isClient: true, new YamuxSessionOptions(), now: 0);
        _far = new YamuxSession(isClient: false, new YamuxSessionOptions(), now: 0);
        if (!_near.TryOpen(WindowBytes, out YamuxStream? stream))
        {
            throw new InvalidOperationException("the stream was not opened");
        }

        _sending = stream;
        Carry(_near, _far);
        _far.FixWindow(_receiving, WindowBytes);
        Carry(_far, _near);
    }

    [Benchmark(OperationsPerInvoke = Frames)]
    public long Write_and_read_frames()
    {
        long bytes = 0;
        for (int i = 0; i < Frames; i++)
        {
            YamuxSession.WriteDataHeader(_sending, _frame, PayloadBytes);
            bytes += Take(_far, _frame.AsSpan(0, YamuxHeader.SizeBytes + PayloadBytes));
            Carry(_far, _near);
        }

        return bytes;
    }

    private void Carry(YamuxSession from, YamuxSession to)
    {
        while (from.HasControl)
        {
            Take(to, _control.AsSpan(0, from.PollControl(_control, now: 1)));
        }
    }

    private long Take(YamuxSession session, ReadOnlySpan<byte> bytes)
    {
        long payload = 0;
        while (true)
        {
            YamuxEvent happened = session.Read(now: 1, bytes, out int consumed);
            bytes = bytes[consumed..];
            switch (happened.Kind)
            {
                case YamuxEventKind.None:
                    return payload;
                case YamuxEventKind.Opened:
                    _receiving = happened.Stream!;
                    session.Accept(_receiving);
                    break;
                case YamuxEventKind.Data:
                    payload += happened.DataLength;
                    session.Consume(happened.Stream!, happened.DataLength, now: 1);
                    break;
                case YamuxEventKind.Violated:
                    throw new InvalidOperationException($"{session.Violation}");
            }
        }
    }
}
