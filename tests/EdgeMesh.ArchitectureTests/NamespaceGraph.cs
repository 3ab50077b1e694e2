using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace EdgeMesh.ArchitectureTests;

/// <summary>Which namespaces of an assembly use which, as compiled: signatures, bodies and attributes.</summary>
internal sealed class NamespaceGraph
{
    // From one namespace to another, with one example: "type -> type".
    private readonly SortedDictionary<string, SortedDictionary<string, string>> _uses = new(StringComparer.Ordinal);

    /// <summary>Reads an assembly.</summary>
    public NamespaceGraph(Assembly assembly)
        : this(AssemblyDefinition.ReadAssembly(assembly.Location).MainModule.GetTypes())
    {
    }

    /// <summary>Reads types.</summary>
    public NamespaceGraph(IEnumerable<TypeDefinition> types)
    {
        foreach (TypeDefinition type in types)
        {
            foreach (TypeReference used in TypesUsedBy(type).SelectMany(Parts))
            {
                if (used.Scope == type.Module)
                {
                    Add(type, used);
                }
            }
        }
    }

    /// <summary>Each set of namespaces that reach one another, with what makes the cycle.</summary>
    public IEnumerable<(string[] Namespaces, string[] Uses)> Cycles()
    {
        Dictionary<string, HashSet<string>> reached = _uses.Keys.ToDictionary(name => name, ReachedFrom);
        var told = new HashSet<string>();
        foreach (string name in _uses.Keys.Where(name => reached[name].Contains(name)))
        {
            string[] cycle = [.. reached[name].Where(other => ReachedFrom(other).Contains(name)).Order()];
            if (told.Add(cycle[0]))
            {
                yield return (cycle, [.. UsesWithin(cycle)]);
            }
        }
    }

    private static IEnumerable<TypeReference?> TypesUsedBy(TypeDefinition type)
    {
        IEnumerable<TypeReference?> used = type.Interfaces.Select(item => item.InterfaceType)
            .Concat(type.Fields.Select(field => field.FieldType))
            .Concat(type.CustomAttributes.Select(attribute => attribute.AttributeType))
            .Concat(type.GenericParameters.SelectMany(parameter => parameter.Constraints).Select(c => c.ConstraintType))
            .Append(type.BaseType);
        foreach (MethodDefinition method in type.Methods)
        {
            used = used.Append(method.ReturnType)
                .Concat(method.Parameters.Select(parameter => parameter.ParameterType));
            if (method.HasBody)
            {
                used = used.Concat(method.Body.Variables.Select(variable => variable.VariableType))
                    .Concat(method.Body.Instructions.SelectMany(TypesUsedBy));
            }
        }

        return used;
    }

    private static IEnumerable<TypeReference?> TypesUsedBy(Instruction instruction) => instruction.Operand switch
    {
        TypeReference type => [type],
        GenericInstanceMethod method => [method.DeclaringType, method.ReturnType, .. method.GenericArguments],
        MethodReference method => [method.DeclaringType, method.ReturnType],
        FieldReference field => [field.DeclaringType, field.FieldType],
        _ => [],
    };

    // A list of arrays of T uses T.
    private static IEnumerable<TypeReference> Parts(TypeReference? type) => type switch
    {
        null or GenericParameter => [],
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Parts).Concat(Parts(generic.ElementType)),
        TypeSpecification specification => Parts(specification.ElementType),
        _ => [type],
    };

    private static TypeReference Outermost(TypeReference type) =>
        type.DeclaringType is null ? type : Outermost(type.DeclaringType);

    private void Add(TypeReference from, TypeReference to)
    {
        (from, to) = (Outermost(from), Outermost(to));
        if (from.Namespace != to.Namespace && IsOurs(from) && IsOurs(to))
        {
            if (!_uses.TryGetValue(from.Namespace, out SortedDictionary<string, string>? used))
            {
                _uses[from.Namespace] = used = new SortedDictionary<string, string>(StringComparer.Ordinal);
            }

            used.TryAdd(to.Namespace, $"{from.Name} uses {to.Name}");
        }
    }

    // Compilers and generators put their own beside.
    private static bool IsOurs(TypeReference type) => type.Namespace.StartsWith("EdgeMesh.", StringComparison.Ordinal);

    private HashSet<string> ReachedFrom(string name)
    {
        var reached = new HashSet<string>();
        var left = new Stack<string>([name]);
        while (left.TryPop(out string? next))
        {
            if (_uses.TryGetValue(next, out SortedDictionary<string, string>? used))
            {
                foreach (string other in used.Keys.Where(reached.Add))
                {
                    left.Push(other);
                }
            }
        }

        return reached;
    }

    private IEnumerable<string> UsesWithin(string[] namespaces) =>
        from use in _uses
        where namespaces.Contains(use.Key)
        from other in use.Value
        where namespaces.Contains(other.Key)
        select $"{use.Key} -> {other.Key}: {other.Value}";
}
