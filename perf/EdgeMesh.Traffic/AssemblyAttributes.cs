using System.Runtime.CompilerServices;

// Every call is blittable: marshalling would only hide a mistake.
[assembly: DisableRuntimeMarshalling]
