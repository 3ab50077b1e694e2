{{/*
What the values mean, once for all templates: aliases resolved, texts read, faults and remarks collected. JSON:
  enabled      whether anything is installed: some CIDR is given, and agent.modules.edgeCNI.enable is not false
  cloudCIDR, edgeCIDR, relayNodes    as the controller reads them
  problems     sentences; any of them ends the rendering (templates/validate.yaml)
  warnings     sentences for NOTES
  ignored      keys that mean nothing here, with the reason
*/}}
{{- define "edgemesh.settings" -}}
{{- if not (hasKey .Values "edgemeshSettings") -}}
  {{- $_ := set .Values "edgemeshSettings" (include "edgemesh.readSettings" .) -}}
{{- end -}}
{{- .Values.edgemeshSettings -}}
{{- end -}}

{{- define "edgemesh.readSettings" -}}
{{- $prefixes := include "edgemesh.readPrefixes" . | fromJson -}}
{{- $relays := include "edgemesh.readRelays" (dict "root" . "keys" $prefixes.keys) | fromJson -}}
{{- $modules := .Values.agent.modules | default dict -}}
{{- $cni := $modules.edgeCNI | default dict -}}
{{- $hasPrefixes := gt (add (len $prefixes.cloudCIDR) (len $prefixes.edgeCIDR)) 0 -}}
{{- $isOff := and (hasKey $cni "enable") (not $cni.enable) -}}
{{- $enabled := and $hasPrefixes (not $isOff) -}}
{{- $problems := concat ($prefixes.problems | default list) ($relays.problems | default list) -}}
{{- $tunnel := $modules.edgeTunnel | default dict -}}
{{- if and $enabled (hasKey $tunnel "enable") (not $tunnel.enable) -}}
  {{- $problems = append $problems "agent.modules.edgeTunnel.enable is false, but CIDRs are given: the tunnel is what carries pods' packets between sites, so drop one of both" -}}
{{- end -}}
{{- if $enabled -}}
  {{- $problems = concat $problems (include "edgemesh.memoryProblems" . | fromJsonArray | default list) -}}
  {{- $problems = concat $problems (include "edgemesh.otherProblems" . | fromJsonArray | default list) -}}
{{- end -}}
{{- $problems = concat $problems (include "edgemesh.spiderpoolProblems" . | fromJsonArray | default list) -}}
{{- dict "enabled" $enabled "isOff" $isOff "cloudCIDR" $prefixes.cloudCIDR "edgeCIDR" $prefixes.edgeCIDR
    "relayNodes" $relays.relayNodes "problems" $problems "warnings" $prefixes.warnings
    "ignored" (include "edgemesh.ignoredKeys" . | fromJsonArray) | toJson -}}
{{- end -}}

{{/* A list, or one string such as "a", "a,b" or "{a,b}", as a JSON list of texts. */}}
{{- define "edgemesh.texts" -}}
{{- $texts := list -}}
{{- $given := . -}}
{{- if kindIs "string" $given }}{{ $given = splitList "," ($given | trim | trimPrefix "{" | trimSuffix "}") }}{{ end -}}
{{- range $given -}}
  {{- with toString . | trim }}{{ $texts = append $texts . }}{{ end -}}
{{- end -}}
{{- $texts | toJson -}}
{{- end -}}

{{/*
The one value among aliases. In: places (key -> value). JSON: key (its name), value (null if none is given), problems.
Two places may say the same, as whoever copies from two guides has it.
*/}}
{{- define "edgemesh.oneOf" -}}
{{- $key := "" -}}{{- $value := list -}}{{- $problems := list -}}
{{- range .places -}}
  {{- $texts := .value -}}
  {{- if $.asTexts }}{{ $texts = include "edgemesh.texts" (.value | default list) | fromJsonArray }}{{ end -}}
  {{- if $texts -}}
    {{- if not $key -}}
      {{- $key = .key -}}{{- $value = $texts -}}
    {{- else if ne (toJson $texts) (toJson $value) -}}
      {{- $problems = append $problems (printf "%s and %s are two names of one setting, and differ: give one of them" $key .key) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- dict "key" $key "value" $value "problems" $problems | toJson -}}
{{- end -}}

{{- define "edgemesh.readPrefixes" -}}
{{- $root := . -}}
{{- $problems := list -}}{{- $warnings := list -}}
{{- $seen := dict -}}
{{- $lists := dict "cloudCIDR" list "edgeCIDR" list -}}
{{- range $name := list "cloudCIDR" "edgeCIDR" -}}
  {{- $places := list
    (dict "key" (printf "agent.%s" $name) "value" (get $root.Values.agent $name))
    (dict "key" (printf "agent.meshCIDRConfig.%s" $name) "value" (dig "meshCIDRConfig" $name list $root.Values.agent))
    (dict "key" (printf "agent.modules.edgeCNI.meshCIDRConfig.%s" $name)
          "value" (dig "modules" "edgeCNI" "meshCIDRConfig" $name list $root.Values.agent)) -}}
  {{- $given := include "edgemesh.oneOf" (dict "places" $places "asTexts" true) | fromJson -}}
  {{- $problems = concat $problems ($given.problems | default list) -}}
  {{- if gt (len $given.value) 1024 -}}
    {{- $problems = append $problems (printf "%s has %d entries: the limit is 1024; summarize them" $given.key (len $given.value)) -}}
  {{- end -}}
  {{- range $text := $given.value -}}
    {{- $prefix := include "edgemesh.prefix" $text | fromJson -}}
    {{- if $prefix.problem -}}
      {{- $problems = append $problems (printf "%s: %s" $given.key $prefix.problem) -}}
    {{- else -}}
      {{- $id := printf "%v:%s" $prefix.addressBits $prefix.bits -}}
      {{- $before := get $seen $id -}}
      {{- if not $before -}}
        {{- $_ := set $seen $id (dict "key" $given.key "text" $prefix.text) -}}
        {{- $_ := set $lists $name (append (get $lists $name) $prefix.text) -}}
      {{- else if eq $before.key $given.key -}}
        {{- $warnings = append $warnings (printf "%s: %s stands there more than once; it counts once" $given.key $prefix.text) -}}
      {{- else -}}
        {{- $problems = append $problems (printf "%s stands in %s and in %s: an entry is one site, in the cloud or at the edge, so take it out of one list" $prefix.text $before.key $given.key) -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- /* In order of their bits, a prefix comes right before those that lie in it. */ -}}
{{- $last := "" -}}
{{- range keys $seen | sortAlpha -}}
  {{- if and $last (hasPrefix $last .) -}}
    {{- $inner := get $seen . -}}{{- $outer := get $seen $last -}}
    {{- $problems = append $problems (printf "%s (%s) overlaps %s (%s): each entry is a site of its own, so split or drop one" $inner.text $inner.key $outer.text $outer.key) -}}
  {{- else -}}
    {{- $last = . -}}
  {{- end -}}
{{- end -}}
{{- dict "cloudCIDR" $lists.cloudCIDR "edgeCIDR" $lists.edgeCIDR "keys" $seen "problems" $problems "warnings" ($warnings | uniq) | toJson -}}
{{- end -}}

{{- define "edgemesh.readRelays" -}}
{{- $root := .root -}}
{{- $places := list
  (dict "key" "agent.relayNodes" "value" $root.Values.agent.relayNodes)
  (dict "key" "agent.modules.edgeTunnel.relayNodes" "value" (dig "modules" "edgeTunnel" "relayNodes" list $root.Values.agent))
  (dict "key" "relayNodes" "value" $root.Values.relayNodes) -}}
{{- $given := include "edgemesh.oneOf" (dict "places" $places "asTexts" false) | fromJson -}}
{{- $problems := $given.problems | default list -}}
{{- $relays := list -}}{{- $names := list -}}
{{- range $i, $relay := $given.value -}}
  {{- $key := printf "%s[%d]" $given.key $i -}}
  {{- $relay = $relay | default dict -}}
  {{- $name := $relay.nodeName | default "" -}}
  {{- $addresses := include "edgemesh.texts" ($relay.advertiseAddress | default list) | fromJsonArray -}}
  {{- if not $name -}}
    {{- $problems = append $problems (printf "%s has no nodeName: give the name that 'kubectl get nodes' shows" $key) -}}
  {{- else if not (and (le (len $name) 253) (regexMatch "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$" $name)) -}}
    {{- $problems = append $problems (printf "%s: '%s' is no node's name: give the name that 'kubectl get nodes' shows" $key $name) -}}
  {{- else if has $name $names -}}
    {{- $problems = append $problems (printf "%s: node '%s' stands there more than once: give it one entry with all its addresses" $key $name) -}}
  {{- end -}}
  {{- if not $addresses -}}
    {{- $problems = append $problems (printf "%s ('%s') has no advertiseAddress: give the addresses at which edge sites reach this node, or take the entry out" $key $name) -}}
  {{- end -}}
  {{- range $addresses -}}
    {{- with include "edgemesh.advertiseProblem" (dict "text" . "keys" $.keys) -}}
      {{- $problems = append $problems (printf "%s.advertiseAddress: %s" $key .) -}}
    {{- end -}}
  {{- end -}}
  {{- $names = append $names $name -}}
  {{- $relays = append $relays (dict "nodeName" $name "advertiseAddress" $addresses) -}}
{{- end -}}
{{- dict "relayNodes" $relays "problems" $problems | toJson -}}
{{- end -}}

{{/* What is wrong with an address that others shall dial; nothing if nothing is. */}}
{{- define "edgemesh.advertiseProblem" -}}
{{- $text := .text -}}
{{- $write := "write an IP address, a DNS name, either with :PORT after it, or a multiaddr such as /ip4/192.0.2.1/tcp/20006" -}}
{{- $port := "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])" -}}
{{- $host := "" -}}
{{- if regexMatch (printf "^/(ip4|ip6|dns|dns4|dns6)/[^/]+/tcp/%s(/p2p/[1-9A-HJ-NP-Za-km-z]+)?$" $port) $text -}}
  {{- $host = index (splitList "/" $text) 2 -}}
{{- else if regexMatch (printf "^\\[[^\\]]+\\](:%s)?$" $port) $text -}}
  {{- $host = regexReplaceAll "^\\[([^\\]]+)\\].*$" $text "${1}" -}}
  {{- if not (include "edgemesh.addressBits" $host) }}{{ $host = "" }}{{ end -}}
{{- else if include "edgemesh.addressBits" $text -}}
  {{- $host = $text -}}
{{- else if regexMatch (printf "^[^:/]+(:%s)?$" $port) $text -}}
  {{- $host = splitList ":" $text | first -}}
{{- end -}}
{{- $bits := include "edgemesh.addressBits" $host -}}
{{- $isName := and (regexMatch "^([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)(\\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$" $host) (not (regexMatch "^[0-9.]+$" $host)) -}}
{{- if not (or $bits $isName) -}}
  {{- printf "'%s' is no address that others can dial: %s" $text $write -}}
{{- else if $bits -}}
  {{- $nobody := list (repeat 32 "0") "01111111" "111" -}}
  {{- if eq (len $bits) 128 }}{{ $nobody = list (repeat 127 "0") "11111111" "1111111010" }}{{ end -}}
  {{- $isNobody := false -}}
  {{- range $nobody }}{{ if hasPrefix . $bits }}{{ $isNobody = true }}{{ end }}{{ end -}}
  {{- if $isNobody -}}
    {{- printf "nobody else reaches this node at %s: write the address that edge sites dial" $host -}}
  {{- else -}}
    {{- $id := printf "%d:%s" (len $bits) $bits -}}
    {{- $isFound := false -}}
    {{- range $key, $entry := .keys -}}
      {{- if and (not $isFound) (hasPrefix $key $id) -}}
        {{- $isFound = true -}}
        {{- printf "%s lies in %s (%s), which goes through the tunnel, and the tunnel can't carry itself: correct one of them" $host $entry.text $entry.key -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- end -}}
