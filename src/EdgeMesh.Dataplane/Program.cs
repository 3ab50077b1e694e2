using System;
using System.CommandLine;
using EdgeMesh.Dataplane;
using EdgeMesh.Dataplane.Configuration;
using EdgeMesh.Libp2p.Identity;

RootCommand root = new("Moves packets between the pods of a mesh of nodes, encrypted.")
{
    CommandLine.IdentityCommand(state =>
    {
        using KeyPair identity = IdentityFile.LoadOrCreate(state);
        Console.Out.WriteLine(identity.PeerId.ToString());
    }),
    CommandLine.RunCommand((options, stop) => DataplaneProcess.RunAsync(options, Console.Error, stop)),
};

try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception exception) when (DataplaneProcess.IsOperatorError(exception))
{
    await Console.Error.WriteLineAsync($"edgemesh-dataplane: {exception.Message}");
    return 1;
}
