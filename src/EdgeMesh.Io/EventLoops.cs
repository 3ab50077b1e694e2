using EdgeMesh.Io.Epoll;
using EdgeMesh.Io.Loops;
using EdgeMesh.Io.Rings;
using EdgeMesh.Native;
using EdgeMesh.Native.IoUring;

namespace EdgeMesh.Io;

/// <summary>Opens event loops: the one place that knows every back end.</summary>
public static class EventLoops
{
    /// <summary>Opens a loop for the calling thread.</summary>
    /// <param name="backend">How to ask the kernel.</param>
    /// <exception cref="RingUnavailableException">io_uring was asked for by name and can't be had.</exception>
    public static EventLoop Open(IoBackend backend)
    {
        if (backend == IoBackend.Epoll)
        {
            return new EpollLoop();
        }

        try
        {
            return new UringLoop(backend == IoBackend.IoUringBasic ? RingFeatures.None : RingFeatures.All);
        }
        catch (NativeException exception)
        {
            return backend == IoBackend.Auto
                ? new EpollLoop()
                : throw new RingUnavailableException(exception.Message, exception);
        }
    }
}
