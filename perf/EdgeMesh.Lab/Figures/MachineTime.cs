using System;
using System.Globalization;
using System.IO;
using System.Linq;

namespace EdgeMesh.Lab.Figures;

/// <summary>Time all cores together spent on anything but idling and waiting (<c>/proc/stat</c>).</summary>
internal static class MachineTime
{
    public static TimeSpan Busy()
    {
        // "cpu  user nice system idle iowait irq softirq steal ...", in ticks of 10 ms.
        long[] ticks =
        [
            .. File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(7)
                .Select(text => long.Parse(text, CultureInfo.InvariantCulture)),
        ];
        return TimeSpan.FromMilliseconds(10 * (ticks.Sum() - ticks[3] - ticks[4]));
    }
}
