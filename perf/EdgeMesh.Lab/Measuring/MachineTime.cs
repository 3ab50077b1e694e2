using System;
using System.Globalization;
using System.IO;
using System.Linq;

namespace EdgeMesh.Lab.Measuring;

/// <summary>What all cores together have spent since the start of the machine (<c>/proc/stat</c>).</summary>
/// <param name="Busy">On anything but idling and waiting.</param>
/// <param name="Stolen">Given to others by the hypervisor.</param>
/// <param name="Total">Everything.</param>
public readonly record struct MachineTime(TimeSpan Busy, TimeSpan Stolen, TimeSpan Total)
{
    /// <summary>The times now; as precise as a tick of 10 ms per core.</summary>
    public static MachineTime Now()
    {
        // "cpu  user nice system idle iowait irq softirq steal ...", in ticks of 10 ms.
        long[] ticks =
        [
            .. File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8)
                .Select(text => long.Parse(text, CultureInfo.InvariantCulture)),
        ];
        TimeSpan Of(long count) => TimeSpan.FromMilliseconds(10 * count);
        return new MachineTime(Of(ticks.Sum() - ticks[3] - ticks[4] - ticks[7]), Of(ticks[7]), Of(ticks.Sum()));
    }

    /// <summary>What was spent between two readings.</summary>
    public static MachineTime operator -(MachineTime later, MachineTime earlier) => later.Minus(earlier);

    /// <summary>What was spent between two readings.</summary>
    public MachineTime Minus(MachineTime earlier) =>
        new(Busy - earlier.Busy, Stolen - earlier.Stolen, Total - earlier.Total);
}
