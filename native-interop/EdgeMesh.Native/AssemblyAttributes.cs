using System.Runtime.CompilerServices;

// Every struct here is the kernel's, every call is blittable: marshalling would only hide a mistake.
[assembly: DisableRuntimeMarshalling]
