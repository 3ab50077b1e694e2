using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using Xunit;

namespace EdgeMesh.ArchitectureTests;

/// <summary>What every type keeps to.</summary>
public sealed class TypeTests
{
    private const BindingFlags Declared = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public
        | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly string[] EmptyWords =
        ["Common", "Utils", "Util", "Utilities", "Helper", "Helpers", "Manager", "Base", "Misc"];

    private static IEnumerable<Assembly> AllButNative =>
        ProductAssemblies.All.Where(assembly => assembly.GetName().Name != "EdgeMesh.Native");

    private static IEnumerable<Type> OwnTypes => ProductAssemblies.All
        .SelectMany(assembly => assembly.GetTypes())
        .Where(type => type.Namespace?.StartsWith("EdgeMesh.", StringComparison.Ordinal) == true)
        .Where(type => !type.IsDefined(typeof(CompilerGeneratedAttribute)) && !IsGenerated(type));

    [Fact]
    public void Each_class_is_sealed_abstract_or_static() => Rule.Empty(
        OwnTypes
            .Where(type => type.IsClass && !type.IsSealed && !type.IsAbstract),
        "seal the class, or make it abstract");

    [Fact]
    public void No_name_is_an_empty_word() => Rule.Empty(
        from type in OwnTypes
        from word in EmptyWords
        where EndsInWord(type.Name, word) || type.Namespace!.Split('.').Contains(word)
        select type,
        "the name says nothing: name the type after the noun it serves");

    [Fact]
    public void Only_native_calls_into_native_code() => Rule.Empty(
        from assembly in AllButNative
        from type in assembly.GetTypes()
        from method in type.GetMethods(Declared)
        where method.Attributes.HasFlag(MethodAttributes.PinvokeImpl)
        select $"{type}.{method.Name}",
        "a P/Invoke belongs into EdgeMesh.Native");

    [Fact]
    public void Only_native_references_the_library_of_system_calls() => Rule.Empty(
        AllButNative.Where(assembly => assembly.GetReferencedAssemblies().Any(name => name.Name == "Tmds.LibC")),
        "system calls belong into EdgeMesh.Native");

    private static bool IsGenerated(Type type) =>
        type.Name.Contains('<', StringComparison.Ordinal)
        || (type.DeclaringType is not null && IsGenerated(type.DeclaringType));

    private static bool EndsInWord(string name, string word)
    {
        int generic = name.IndexOf('`', StringComparison.Ordinal);
        string plain = generic < 0 ? name : name[..generic];
        return plain.EndsWith(word, StringComparison.Ordinal)
            && (plain.Length == word.Length || char.IsAsciiLetterLower(plain[^(word.Length + 1)]));
    }
}
