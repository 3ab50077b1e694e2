using System;
using System.Net;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Underlay;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>
/// Two hosts with a loop each, and a connection between them: the stage of the simulator's own tests.
/// </summary>
internal sealed class SimulatedPair
{
    public SimulatedPair(int seed, PathConditions? conditions = null)
    {
        World = new SimulatedWorld(seed);
        World.Network.Conditions = conditions ?? new PathConditions();
        Near = World.Network.AddHost("near", new IPAddress([10, 0, 0, 1]));
        Far = World.Network.AddHost("far", new IPAddress([10, 0, 0, 2]));
        NearLoop = Near.AddLoop("loop");
        FarLoop = Far.AddLoop("loop");
    }

    public SimulatedWorld World { get; }

    public SimulatedHost Near { get; }

    public SimulatedHost Far { get; }

    public SimulatedNodeLoop NearLoop { get; }

    public SimulatedNodeLoop FarLoop { get; }

    public UnderlayConnection? Dialed { get; private set; }

    public UnderlayConnection? Accepted { get; private set; }

    public Exception? DialFailure { get; private set; }

    public SimulatedPath There => World.Network.Path(Near, Far);

    public SimulatedPath Back => World.Network.Path(Far, Near);

    public static Multiaddr FarAddress => Multiaddr.Parse("/ip4/10.0.0.2/tcp/4001");

    /// <summary>Connects the two, and lets that happen.</summary>
    public SimulatedPair Connect()
    {
        Listen();
        World.RunFor(TimeSpan.FromMilliseconds(1));
        Dial();
        World.RunUntil(() => Dialed is not null && Accepted is not null, TimeSpan.FromSeconds(10));
        return this;
    }

    public void Listen() => On(FarLoop, AcceptAsync);

    public void Dial() => On(NearLoop, DialAsync);

    /// <summary>Runs something on a loop; what it throws fails the run.</summary>
    public void On(SimulatedNodeLoop loop, Func<Task> work) => loop.Post(_ => _ = RunAsync(work), null);

    private async Task RunAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
#pragma warning disable CA1031 // the next step throws it
        catch (Exception failure)
#pragma warning restore CA1031
        {
            World.Fail(failure);
        }
    }

    private async Task AcceptAsync()
    {
        using UnderlayListener listener = new SimulatedTransport(FarLoop, Far).Listen(FarAddress);
        Accepted = await listener.AcceptAsync(default);
    }

    private async Task DialAsync()
    {
        try
        {
            Dialed = await new SimulatedTransport(NearLoop, Near).DialAsync(FarAddress, default);
        }
        catch (System.IO.IOException failure)
        {
            DialFailure = failure;
        }
    }
}
