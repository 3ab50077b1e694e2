namespace EdgeMesh.ControlPlane.Controller.Watching;

/// <summary>An object that was there and is not any more, as it seems.</summary>
/// <param name="What">nodes, pods, publications or trust.</param>
/// <param name="Key">Its namespace and name.</param>
internal readonly record struct AbsentObject(string What, string Key);
