using System;
using System.IO;
using System.Runtime.ExceptionServices;
using EdgeMesh.SimulationTests.Underlay;

namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>Finds exceptions that only a fault throws, also where a task that nobody awaits swallows them.</summary>
internal static class UnexpectedExceptions
{
    [ThreadStatic]
    private static SimulatedWorld? _world;

    static UnexpectedExceptions() => AppDomain.CurrentDomain.FirstChanceException += Look;

    /// <summary>The world that runs on this thread; null if none does any more.</summary>
    public static void Watch(SimulatedWorld? world) => _world = world;

    private static void Look(object? sender, FirstChanceExceptionEventArgs thrown)
    {
        if (_world is { } world && !IsExpected(thrown.Exception))
        {
            world.Fail(new SimulationException(
                $"{thrown.Exception.GetType().Name} was thrown: {thrown.Exception.Message}\n{Environment.StackTrace}",
                thrown.Exception));
        }
    }

    // A network that fails, a wait that was canceled, a protocol that was broken, and an operator who is told no.
    private static bool IsExpected(Exception exception) =>
        exception is IOException or OperationCanceledException
        || IsOurs(exception)
        || (exception is InvalidOperationException && exception.InnerException is { } cause && IsOurs(cause));

    private static bool IsOurs(Exception exception) =>
        exception.GetType().Namespace?.StartsWith("EdgeMesh.", StringComparison.Ordinal) == true;
}
