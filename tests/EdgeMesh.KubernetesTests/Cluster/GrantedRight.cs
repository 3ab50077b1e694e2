using System.Collections.Generic;
using System.Linq;
using k8s;
using k8s.Models;

namespace EdgeMesh.KubernetesTests.Cluster;

/// <summary>A right that a chart's manifests give to one of its service accounts.</summary>
/// <param name="Account">The service account's name.</param>
/// <param name="Namespace">Where it holds; empty for the whole cluster.</param>
/// <param name="Group">The API group.</param>
/// <param name="Resource">The resource.</param>
/// <param name="Verb">The verb.</param>
/// <param name="Name">The only object it holds for; empty for all.</param>
internal sealed record GrantedRight(
    string Account, string Namespace, string Group, string Resource, string Verb, string Name)
{
    /// <summary>The rights that roles bound in a manifest give.</summary>
    public static IReadOnlyList<GrantedRight> Read(string manifest)
    {
        List<object> objects = KubernetesYaml.LoadAllFromString(manifest);
        return
        [
            .. objects.OfType<V1RoleBinding>().SelectMany(binding => Expand(
                AccountOf(binding.Subjects),
                binding.Namespace(),
                objects.OfType<V1Role>().Single(role =>
                    role.Name() == binding.RoleRef.Name && role.Namespace() == binding.Namespace()).Rules)),
            .. objects.OfType<V1ClusterRoleBinding>().SelectMany(binding => Expand(
                AccountOf(binding.Subjects),
                "",
                objects.OfType<V1ClusterRole>().Single(role => role.Name() == binding.RoleRef.Name).Rules)),
        ];
    }

    /// <summary>Whether a call needed this right.</summary>
    public bool Covers(AuditedCall call) =>
        call.Account == Account && call.Verb == Verb && call.Group == Group && call.Resource == Resource &&
        (Namespace.Length == 0 || call.Namespace == Namespace) && (Name.Length == 0 || call.Name == Name);

    private static string AccountOf(IEnumerable<Rbacv1Subject> subjects) =>
        subjects.First(subject => subject.Kind == "ServiceAccount").Name;

    private static IEnumerable<GrantedRight> Expand(string account, string place, IEnumerable<V1PolicyRule> rules) =>
        from rule in rules
        from apiGroup in rule.ApiGroups
        from resource in rule.Resources
        from verb in rule.Verbs
        from name in rule.ResourceNames is { Count: > 0 } names ? names : [""]
        select new GrantedRight(account, place, apiGroup, resource, verb, name);
}
