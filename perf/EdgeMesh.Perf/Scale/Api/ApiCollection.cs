namespace EdgeMesh.Perf.Scale.Api;

/// <summary>The objects of one resource. All calls under the lock of the stand-in's state.</summary>
internal abstract class ApiCollection
{
    /// <summary>Its changes.</summary>
    public EventLog Log { get; } = new();

    /// <summary>The kind of an object: <c>Pod</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>Group and version: <c>v1</c>, <c>apps/v1</c>.</summary>
    public abstract string ApiVersion { get; }

    /// <summary>Gathers a page of a list.</summary>
    /// <param name="selector">What belongs into it.</param>
    /// <param name="from">Where the page before ended; empty: from the start.</param>
    /// <param name="page">What is gathered.</param>
    public abstract void List(ObjectSelector selector, string from, ListPage page);

    /// <summary>An object.</summary>
    /// <returns>Its JSON; null if it is not there.</returns>
    public abstract byte[]? Get(string ns, string name);

    /// <summary>Creates, replaces, patches or deletes.</summary>
    /// <returns>Status and body.</returns>
    public virtual (int Status, byte[] Body) Write(string method, ApiPath path, byte[] body) =>
        (405, StatusJson.Of(405, "MethodNotAllowed", $"the simulation's {path.Plural} are its own"));
}
