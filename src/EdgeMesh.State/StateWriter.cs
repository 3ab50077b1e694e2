using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.State;

/// <summary>Stores the newest content on a thread of its own, so that nobody waits for the disk.</summary>
/// <remarks>
/// What comes while a store is under way replaces what waits: the file gets the newest content, not each one. After a
/// store of more than 64 KiB the next one waits, so that on average at most 64 KiB a second are written. Safe from
/// every thread. Whatever reads or writes the file by another way has to be done before the first
/// <see cref="Keep(byte[])"/>.
/// </remarks>
public sealed class StateWriter : IAsyncDisposable
{
    // Flash wears out: a document of a megabyte that changes each second would write 90 GB a day. Small ones never
    // wait.
    private const int PacedBytesMin = 64 * 1024;
    private const double PacedBytesPerSecond = 64 * 1024;

    private readonly StateFile _file;
    private readonly Action<Exception> _failed;
    private readonly ManualResetEventSlim _hurry = new(); // set while somebody waits for the disk
    private readonly Lock _lock = new();
    private Func<byte[]>? _waiting; // under the lock
    private Task? _storing;        // under the lock; null while nothing is stored

    /// <summary>Makes the writer; touches nothing.</summary>
    /// <param name="file">Where to.</param>
    /// <param name="failed">
    /// Told of each store that failed, by whatever exception, on the writer's thread. After an
    /// <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/> the file is as it was. It must not
    /// throw: nothing would be stored from then on.
    /// </param>
    public StateWriter(StateFile file, Action<Exception> failed)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(failed);
        _file = file;
        _failed = failed;
    }

    /// <summary>Takes content to store; returns at once.</summary>
    /// <param name="content">Not changed any more by the caller.</param>
    public void Keep(byte[] content)
    {
        ArgumentNullException.ThrowIfNull(content);
        Keep(() => content);
    }

    /// <summary>Takes content that is made when it is stored, and not at all if something newer comes before.</summary>
    /// <param name="content">Makes it, on the writer's thread, out of what doesn't change any more.</param>
    public void Keep(Func<byte[]> content)
    {
        ArgumentNullException.ThrowIfNull(content);
        lock (_lock)
        {
            _waiting = content;
            // A thread of its own: a disk that stalls must not take one of the pool's few.
            _storing ??= Task.Factory.StartNew(
                StoreAll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    /// <summary>Waits until all that was taken is stored, or has failed to be.</summary>
    /// <returns>Completes when nothing waits.</returns>
    public async Task FlushAsync()
    {
        while (Storing() is Task storing)
        {
            _hurry.Set();
            await storing;
        }

        _hurry.Reset();
    }

    /// <summary>Stores what waits.</summary>
    /// <returns>Completes when nothing waits.</returns>
    public async ValueTask DisposeAsync()
    {
        await FlushAsync();
        _hurry.Dispose();
    }

    private Task? Storing()
    {
        lock (_lock)
        {
            return _storing;
        }
    }

    private void StoreAll()
    {
        while (TakeWaiting() is Func<byte[]> content)
        {
            try
            {
                int length = Store(content());
                if (length > PacedBytesMin)
                {
                    _hurry.Wait(TimeSpan.FromSeconds(length / PacedBytesPerSecond));
                }
            }
#pragma warning disable CA1031 // whatever it was: what comes next has to be stored, and somebody has to know
            catch (Exception e)
#pragma warning restore CA1031
            {
                _failed(e);
            }
        }
    }

    // A method of its own, so that the bytes are garbage while the writer waits.
    private int Store(byte[] content)
    {
        _file.Store(content);
        return content.Length;
    }

    private Func<byte[]>? TakeWaiting()
    {
        lock (_lock)
        {
            Func<byte[]>? content = _waiting;
            _waiting = null;
            if (content is null)
            {
                _storing = null;
            }

            return content;
        }
    }
}
