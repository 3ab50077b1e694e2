using System;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Native.Netlink;

namespace EdgeMesh.ControlPlane.Kernel;

/// <summary>Keeps our nftables table as a plan asks. One caller at a time.</summary>
internal sealed class NftablesTable : IDisposable
{
    private NftablesGeneration? _generations;
    private uint? _generation;    // nftables' own, when the table was last seen as it should be
    private string? _script;      // what is in force; null: not known
    private string _listing = ""; // how nft lists it
    private bool _isAbsent;       // seen to be absent, and asked to be

    /// <summary>
    /// Makes the table what the plan asks; does next to nothing if nobody has changed any rule since.
    /// </summary>
    /// <returns>What was done: null for nothing.</returns>
    /// <exception cref="KernelStateException">nft is missing or refuses.</exception>
    internal async Task<string?> ApplyAsync(KernelPlan plan, CancellationToken cancel)
    {
        uint? generation = ReadGeneration();
        bool isUnchanged = generation is not null && generation == _generation;
        if (plan.IsEmpty)
        {
            if (_isAbsent && isUnchanged)
            {
                return null;
            }

            bool wasThere = await RemoveAsync(cancel);
            _script = null;
            _isAbsent = true;
            _generation = ReadGeneration();
            return wasThere ? "removed" : null;
        }

        string script = NftablesScript.Write(plan);
        bool isSame = script == _script;
        if (isSame && (isUnchanged || await ListAsync(cancel) == _listing))
        {
            _generation = generation;
            return null;
        }

        await ReplaceAsync(script, cancel);
        return isSame ? "restored" : "applied";
    }

    /// <summary>Removes the table.</summary>
    /// <returns>True if it was there.</returns>
    /// <exception cref="KernelStateException">nft is missing or refuses.</exception>
    internal static async Task<bool> RemoveAsync(CancellationToken cancel)
    {
        if (await ListAsync(cancel) is null)
        {
            return false;
        }

        await RunScriptAsync(NftablesScript.Removal, cancel);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _generations?.Dispose();

    private async Task ReplaceAsync(string script, CancellationToken cancel)
    {
        _script = null;
        _isAbsent = false;
        await RunScriptAsync(script, cancel);
        // Read before the listing: a change in between is then seen next time.
        _generation = ReadGeneration();
        _listing = await ListAsync(cancel) ?? "";
        _script = script;
    }

    private static async Task RunScriptAsync(string script, CancellationToken cancel)
    {
        (int exitCode, _, string complaint) = await NftCommand.RunAsync(script, cancel, "-f", "-");
        if (exitCode != 0)
        {
            throw new KernelStateException(
                $"nft refuses the table '{KernelMarks.TableName}', so other CNIs may masquerade pods' addresses: "
                    + $"{complaint}; the kernel needs "
                + "nf_tables with NAT (5.2 or later), the process CAP_NET_ADMIN");
        }
    }

    // Without counters; null: there is no such table.
    private static async Task<string?> ListAsync(CancellationToken cancel)
    {
        (int exitCode, string output, string complaint) =
            await NftCommand.RunAsync(null, cancel, "-s", "list", "table", "inet", KernelMarks.TableName);
        if (exitCode == 0)
        {
            return output;
        }

        return complaint.Contains("No such file", StringComparison.Ordinal)
            ? null
            : throw new KernelStateException($"nft can't list tables: {complaint}; the process needs CAP_NET_ADMIN");
    }

    private uint? ReadGeneration()
    {
        try
        {
            _generations ??= NftablesGeneration.Open();
            return _generations.Read();
        }
        catch (NetlinkException)
        {
            return null; // then the table is listed each time
        }
    }
}
