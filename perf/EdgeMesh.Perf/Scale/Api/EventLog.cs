using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Perf.Scale.Api;

/// <summary>The last changes of a collection; each watch has a position in it. Any thread.</summary>
internal sealed class EventLog
{
    private const int EventsMax = 16_384;
    private const long BytesMax = 64 << 20;

    private readonly Lock _lock = new();
    private readonly Queue<ObjectEvent> _events = new();
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _first; // number of the first event that is kept; numbers count from 0
    private long _bytes;
    private long _droppedVersion; // the version of the last event that isn't kept any more

    /// <summary>Adds a change.</summary>
    public void Append(string type, ObjectFacts facts, long version, ReadOnlySpan<byte> json)
    {
        byte[] line =
        [
            .. "{\"type\":\""u8, .. System.Text.Encoding.ASCII.GetBytes(type), .. "\",\"object\":"u8, .. json,
            .. "}\n"u8,
        ];
        TaskCompletionSource waiting;
        lock (_lock)
        {
            _events.Enqueue(new ObjectEvent(version, facts, line));
            _bytes += line.Length;
            while (_events.Count > EventsMax || (_bytes > BytesMax && _events.Count > 1))
            {
                ObjectEvent dropped = _events.Dequeue();
                _bytes -= dropped.Line.Length;
                _droppedVersion = dropped.Version;
                _first++;
            }

            waiting = _next;
            _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        waiting.SetResult();
    }

    /// <summary>The position after a version.</summary>
    /// <returns>False if events after it are gone: the watch has to list again.</returns>
    public bool TryFind(long version, out long position)
    {
        lock (_lock)
        {
            position = _first;
            foreach (ObjectEvent change in _events)
            {
                if (change.Version > version)
                {
                    break;
                }

                position++;
            }

            return version >= _droppedVersion;
        }
    }

    /// <summary>Takes the events from a position on.</summary>
    /// <param name="position">Moves behind what was taken.</param>
    /// <param name="taken">Where they are added.</param>
    /// <param name="more">Completes when there are more.</param>
    /// <returns>False if some were missed.</returns>
    public bool TryTake(ref long position, List<ObjectEvent> taken, out Task more)
    {
        lock (_lock)
        {
            more = _next.Task;
            bool isComplete = position >= _first;
            long skipped = Math.Max(0, position - _first);
            if (skipped < _events.Count)
            {
                foreach (ObjectEvent change in _events)
                {
                    if (skipped-- <= 0)
                    {
                        taken.Add(change);
                    }
                }
            }

            position = _first + _events.Count;
            return isComplete;
        }
    }
}
