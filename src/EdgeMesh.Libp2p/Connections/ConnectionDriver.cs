using System;
using System.Buffers;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Security;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>Drives a <see cref="ConnectionCore"/>: reads and flushes its pipe, tells it the time, runs the handlers of
/// its streams.</summary>
#pragma warning disable CA1001 // The one disposable field is disposed when RunAsync ends.
internal sealed class ConnectionDriver : ConnectionOwner
#pragma warning restore CA1001
{
    private readonly IDuplexPipe _pipe;
    private readonly SecuredConnection _secured;
    private readonly TransportLiveness? _liveness;
    private readonly TransportOutput _output;
    private readonly ConnectionTimer _timer;
    private readonly CancellationTokenSource _lifetime = new();

    public ConnectionDriver(
        Connection connection,
        IDuplexPipe pipe,
        SecuredConnection secured,
        ConnectionOptions options,
        ConnectionSetup setup)
    {
        Connection = connection;
        Thread = new ConnectionThread();
        Time = options.Time;
        _pipe = pipe;
        _secured = secured;
        _liveness = setup.Liveness;
        _output = new TransportOutput(pipe.Output, HandleFlushed, HandleOutputBroken);
        _timer = Time.CreateTimer(static driver => ((ConnectionDriver)driver!).HandleTimer(), this);
        Ended = _lifetime.Token;
        Core = new ConnectionCore(secured, options, setup, pipe.Output, this, Time.Now);
        Opener = new StreamOpener(Core, Thread, Time);
        Handlers = new StreamHandlers(options, Ended);
    }

    public override Connection Connection { get; }

    public override bool CanServe => Handlers.HasRoom;

    public ConnectionCore Core { get; }

    public ConnectionThread Thread { get; }

    public ConnectionTime Time { get; }

    public StreamOpener Opener { get; }

    public StreamHandlers Handlers { get; }

    /// <summary>Canceled when the connection ends.</summary>
    public CancellationToken Ended { get; }

    /// <summary>Reads until the connection ends. To be called once.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Thread.Assert();
        CancellationTokenRegistration registration = Thread.OnCanceled(
            static core => ((ConnectionCore)core!).End(CloseReason.Aborted, failure: null), Core, cancellationToken);
        try
        {
            // Whoever made the connection has it before a consumer of it is called.
            await Task.Yield();
            Core.HandleEarlyPlaintext(Time.Now);
            ScheduleTimer();
            await ReadAllAsync();
        }
#pragma warning disable CA1031 // The connection ends here, whatever happened; the reason is kept.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Core.Fail(failure);
        }

        await registration.DisposeAsync();
        await FinishAsync();
    }

    /// <inheritdoc/>
    public override bool Flush() => _output.Flush();

    /// <inheritdoc/>
    public override void HandleWork()
    {
        Core.Service(Time.Now);
        Opener.ReleaseWaiting();
    }

    /// <inheritdoc/>
    public override void Serve(MuxedStream stream) => _ = Handlers.RunAsync(stream);

    /// <inheritdoc/>
    public override void HandleEnd()
    {
        Opener.ReleaseAll();
        _lifetime.Cancel();
        _pipe.Input.CancelPendingRead();
    }

    /// <inheritdoc/>
    public override void CheckThread() => Thread.Check();

    private async Task ReadAllAsync()
    {
        while (!Core.IsOver)
        {
            ReadResult result;
            try
            {
                result = await _pipe.Input.ReadAsync(CancellationToken.None);
            }
#pragma warning disable CA1031 // Whatever a transport throws, it gives nothing any more.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                Core.HandleTransportFailed(failure);
                return;
            }

            ReadOnlySequence<byte> buffer = result.Buffer;
            Core.HandleBytes(ref buffer, Time.Now);
            bool isWithinMessage = !buffer.IsEmpty;
            _pipe.Input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                Core.HandleEndOfInput(isWithinMessage);
            }

            Core.RequestService();
        }
    }

    private void HandleTimer()
    {
        try
        {
            long now = Time.Now;
            bool isDue = now >= Core.Session.NextTimeout;
            Core.HandleTimeout(now, isDue && _liveness is not null ? _liveness.HeardAt : long.MinValue);
            ScheduleTimer();
        }
#pragma warning disable CA1031 // Without its clock a connection would live for ever.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Core.Fail(failure);
        }
    }

    // Streams only begin and flushes only end between two looks, but for those that TickMax is for.
    private void ScheduleTimer()
    {
        if (!Core.IsOver)
        {
            long now = Time.Now;
            _timer.Schedule(Math.Clamp(
                Core.NextTimeout,
                now + ConnectionTime.NanosecondsOf(ConnectionLimits.TickMin),
                now + ConnectionTime.NanosecondsOf(ConnectionLimits.TickMax)));
        }
    }

    private void HandleFlushed()
    {
        Core.HandleFlushed();
        Core.RequestService();
    }

    private void HandleOutputBroken(Exception? failure)
    {
        Core.HandleOutputBroken(failure, Time.Now);
        ScheduleTimer();
    }

    /// <summary>Lets the go-away leave where there is one, and gives the pipe back.</summary>
    private async Task FinishAsync()
    {
        _timer.Cancel();
        if (Core.Session.HasSaidGoodbye)
        {
            long deadline = Time.After(ConnectionLimits.CloseTimeout);
            ConnectionTimer timer = Time.CreateTimer(
                static output => ((TransportOutput)output!).StopWaiting(), _output);
            timer.Schedule(deadline);

            // Twice: a flush may be on its way already, and the goodbye waits behind it.
            for (int i = 0; i < 2 && Time.Now < deadline; i++)
            {
                Core.WriteGoodbye();
                await _output.WaitIdleAsync();
            }

            timer.Cancel();
        }

        bool isClean = Core.Output.IsClean;
        Core.Output.Break();
        _output.Complete(isClean);
        await _pipe.Input.CompleteAsync();
        _secured.Dispose();
        _lifetime.Dispose();
    }
}
