{{/* Faults of values that a schema can't tell; JSON lists of sentences. */}}

{{/* Bytes of a Kubernetes quantity of memory; 0 if it is none. */}}
{{- define "edgemesh.bytes" -}}
{{- $text := toString . -}}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000
    "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- if or (kindIs "int64" .) (kindIs "float64" .) (kindIs "int" .) -}}
  {{- int64 . -}}
{{- else if regexMatch "^[0-9]+(\\.[0-9]+)?(k|M|G|T|Ki|Mi|Gi|Ti)?$" $text -}}
  {{- $number := regexFind "^[0-9.]+" $text -}}
  {{- $unit := trimPrefix $number $text -}}
  {{- mulf (float64 $number) (get $units $unit) | int64 -}}
{{- else -}}
  {{- 0 -}}
{{- end -}}
{{- end -}}

{{/*
A process's limit of garbage-collected memory, hexadecimal without 0x as the runtime reads it: half of the container's
memory. The rest is for the program itself, its threads and, in the data plane, the packet pools.
*/}}
{{- define "edgemesh.heapLimitEnv" -}}
{{- with dig "limits" "memory" "" (. | default dict) -}}
- name: DOTNET_GCHeapHardLimit
  value: {{ printf "%x" (div (include "edgemesh.bytes" . | int64) 2) | quote }}
{{- end -}}
{{- end -}}

{{- define "edgemesh.memoryProblems" -}}
{{- $problems := list -}}
{{- $pools := mul (int64 .Values.agent.dataplane.workers) (int64 .Values.agent.dataplane.poolMib) -}}
{{- $containers := list
  (dict "key" "agent.resources" "value" .Values.agent.resources "mib" (add 48 $pools)
        "why" (printf "the data plane's packet pools take %d MiB (agent.dataplane.workers x poolMib), and it needs 48 MiB beside them" $pools))
  (dict "key" "agent.control.resources" "value" .Values.agent.control.resources "mib" 48 "why" "the control process needs 48 MiB")
  (dict "key" "controller.resources" "value" .Values.controller.resources "mib" 64 "why" "the controller needs 64 MiB in a small cluster") -}}
{{- range $containers -}}
  {{- $given := dig "limits" "memory" "" (.value | default dict) -}}
  {{- if $given -}}
    {{- $bytes := include "edgemesh.bytes" $given | int64 -}}
    {{- if eq $bytes 0 -}}
      {{- $problems = append $problems (printf "%s.limits.memory: '%v' is no amount of memory: write it as in 128Mi" .key $given) -}}
    {{- else if lt $bytes (mul .mib 1048576) -}}
      {{- $problems = append $problems (printf "%s.limits.memory: %v is too little: %s; give %dMi or more, or no limit" .key $given .why .mib) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- $problems | toJson -}}
{{- end -}}

{{- define "edgemesh.otherProblems" -}}
{{- $problems := list -}}
{{- $image := include "edgemesh.image" . -}}
{{- if regexMatch "(^|/)(kubeedge/)?edgemesh-(agent|server|gateway)([:@]|$)" $image -}}
  {{- $problems = append $problems (printf "agent.image: %s is upstream's agent, which does not know this chart's commands: take agent.image out, or give this project's image" $image) -}}
{{- end -}}
{{- if not (hasPrefix "/" .Values.agent.stateDirectory) -}}
  {{- $problems = append $problems (printf "agent.stateDirectory: '%s' is no absolute path" .Values.agent.stateDirectory) -}}
{{- end -}}
{{- if and .Values.agent.psk (dig "modules" "edgeTunnel" "psk" "enable" true .Values.agent) -}}
  {{- if eq (trim .Values.agent.psk | sha256sum) (include "edgemesh.publishedPskHash" . | trim) -}}
    {{- $problems = append $problems "agent.psk is the key that upstream publishes as its default, so everybody has it: take it out, and one is made for you; or give your own (openssl rand -base64 32)" -}}
  {{- else if lt (len (trim .Values.agent.psk)) 16 -}}
    {{- $problems = append $problems "agent.psk is shorter than 16 characters, so it can be guessed: take it out, and one is made for you; or give your own (openssl rand -base64 32)" -}}
  {{- end -}}
  {{- if .Values.agent.pskSecret -}}
    {{- $problems = append $problems "agent.psk and agent.pskSecret are both given: give one of them" -}}
  {{- end -}}
{{- end -}}
{{- $master := dig "kubeAPIConfig" "master" "" .Values.agent -}}
{{- if and $master (not (regexMatch "^https://[^/:]+(:[0-9]+)?/?$|^https://\\[[^\\]]+\\](:[0-9]+)?/?$" $master)) -}}
  {{- $problems = append $problems (printf "agent.kubeAPIConfig.master: '%s' is no address of an API server: write it as in https://10.0.0.1:6443" $master) -}}
{{- end -}}
{{- range $key, $extra := dict "agent.extraEnv" .Values.agent.extraEnv "controller.extraEnv" .Values.controller.extraEnv -}}
  {{- range $extra -}}
    {{- if has .name (list "NODE_NAME" "NAMESPACE" "POD_NAME" "DOTNET_GCHeapHardLimit") -}}
      {{- $problems = append $problems (printf "%s: %s is set by the chart already" $key .name) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- $problems | toJson -}}
{{- end -}}

{{/* Upstream's guide gives SpiderPool a /24 and a range that goes far beyond: SpiderPool takes it and never serves it. */}}
{{- define "edgemesh.spiderpoolProblems" -}}
{{- $problems := list -}}
{{- $pool := dig "clusterDefaultPool" dict (.Values.spiderpool | default dict) -}}
{{- range $family := list "ipv4" "ipv6" -}}
  {{- $key := printf "spiderpool.clusterDefaultPool.%sIPRanges" $family -}}
  {{- $text := get $pool (printf "%sSubnet" $family) | default "" -}}
  {{- $ranges := include "edgemesh.texts" (get $pool (printf "%sIPRanges" $family) | default list) | fromJsonArray -}}
  {{- if $text -}}
    {{- $prefix := include "edgemesh.prefix" $text | fromJson -}}
    {{- if $prefix.problem -}}
      {{- $problems = append $problems (printf "spiderpool.clusterDefaultPool.%sSubnet: %s" $family $prefix.problem) -}}
    {{- else -}}
      {{- range $range := $ranges -}}
        {{- range $address := splitList "-" $range -}}
          {{- $bits := include "edgemesh.addressBits" (trim $address) -}}
          {{- if not $bits -}}
            {{- $problems = append $problems (printf "%s: '%s' is no range: write it as in 10.244.5.10-10.244.5.200" $key $range) -}}
          {{- else if not (hasPrefix $prefix.bits $bits) -}}
            {{- $problems = append $problems (printf "%s: %s lies outside of %sSubnet %s (upstream's guide has this mistake): give a subnet that holds the whole range, or a range within the subnet" $key (trim $address) $family $prefix.text) -}}
          {{- end -}}
        {{- end -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- $problems | uniq | toJson -}}
{{- end -}}

{{/* SHA-256 of the key in upstream's values.yaml: a hash, so that nobody copies the key from here. */}}
{{- define "edgemesh.publishedPskHash" -}}
701f220bda0be8eae39eae133f343e41ed5b810be92db5efed3ada23613d61b1
{{- end -}}
