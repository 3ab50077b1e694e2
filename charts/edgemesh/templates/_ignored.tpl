{{/* Upstream's keys that are accepted and mean nothing here, each with the reason; a JSON list. NOTES shows it. */}}
{{- define "edgemesh.ignoredKeys" -}}
{{- $ignored := list -}}
{{- $agent := .Values.agent -}}
{{- $modules := $agent.modules | default dict -}}
{{- $tunnel := $modules.edgeTunnel | default dict -}}
{{- $whole := list
  (dict "key" "agent.modules.edgeDNS" "value" $modules.edgeDNS "why" "this project answers no DNS queries; keep upstream's agent for that")
  (dict "key" "agent.modules.edgeProxy" "value" $modules.edgeProxy "why" "this project does not proxy services; keep upstream's agent for that")
  (dict "key" "agent.modules.edgeTunnel.tunnelLimitConfig" "value" $tunnel.tunnelLimitConfig "why" "streams between nodes are few and bounded by themselves")
  (dict "key" "agent.pprofConfig" "value" $agent.pprofConfig "why" "there is no such endpoint")
  (dict "key" "agent.metricConfig" "value" $agent.metricConfig "why" "metrics are at agent.metrics.port, always")
  (dict "key" "server" "value" .Values.server "why" "there is no server; relayNodes take its place")
  (dict "key" "gateway" "value" .Values.gateway "why" "there is no gateway") -}}
{{- range $whole -}}
  {{- if and (kindIs "map" .value) .value (.value.enable | toString | ne "false") -}}
    {{- $ignored = append $ignored (printf "%s: %s" .key .why) -}}
  {{- end -}}
{{- end -}}
{{- range $key, $why := dict
  "transport" "the tunnel speaks TCP in this version" "rendezvous" "there is no rendezvous"
  "enableIpfsLog" "see logLevel" "maxCandidates" "there are no candidates" "heartbeatPeriod" "intervals are fixed"
  "finderPeriod" "intervals are fixed" "listenInterfaces" "see agent.listen"
  "extraFilteredInterfaces" "see agent.listen" -}}
  {{- $value := get $tunnel $key | toString -}}
  {{- if and (hasKey $tunnel $key) (ne $value "") (not (and (eq $key "transport") (eq $value "tcp"))) (not (and (eq $key "listenInterfaces") (eq $value "*"))) -}}
    {{- $ignored = append $ignored (printf "agent.modules.edgeTunnel.%s: %s" $key $why) -}}
  {{- end -}}
{{- end -}}
{{- range $key := list "bridgeDeviceName" "bridgeDeviceIP" -}}
  {{- if hasKey ($agent.commonConfig | default dict) $key -}}
    {{- $ignored = append $ignored (printf "agent.commonConfig.%s: no device is made for DNS or a proxy" $key) -}}
  {{- end -}}
{{- end -}}
{{- range $key := list "contentType" "qps" "burst" -}}
  {{- if hasKey ($agent.kubeAPIConfig | default dict) $key -}}
    {{- $ignored = append $ignored (printf "agent.kubeAPIConfig.%s: agents hold one watch and ask little" $key) -}}
  {{- end -}}
{{- end -}}
{{- if dig "kubeAPIConfig" "metaServer" "security" "insecureSkipTLSVerify" false $agent -}}
  {{- $ignored = append $ignored "agent.kubeAPIConfig.metaServer.security.insecureSkipTLSVerify: certificates are always checked; give tlsCaFile" -}}
{{- end -}}
{{- $server := dig "kubeAPIConfig" "metaServer" "server" "" $agent -}}
{{- if and $server (ne $agent.preset "edge") (ne $server "http://127.0.0.1:10550") -}}
  {{- $ignored = append $ignored "agent.kubeAPIConfig.metaServer.server: agents in the cloud would ask there too, so it needs agent.preset=edge; without it each agent looks for metaServer at 127.0.0.1:10550 and at the address that its service account leads to" -}}
{{- end -}}
{{- range $key := list "encapsulationIP" "tunMode" -}}
  {{- if hasKey ($modules.edgeCNI | default dict) $key -}}
    {{- $ignored = append $ignored (printf "agent.modules.edgeCNI.%s: there is one mode" $key) -}}
  {{- end -}}
{{- end -}}
{{- $pskPath := dig "psk" "path" "" $tunnel -}}
{{- if and $pskPath (ne $pskPath "/etc/edgemesh/psk") -}}
  {{- $ignored = append $ignored "agent.modules.edgeTunnel.psk.path: the key is at /etc/edgemesh/psk" -}}
{{- end -}}
{{- if .Values.spiderpool -}}
  {{- $ignored = append $ignored "spiderpool: SpiderPool is not a part of this chart; install it by its own" -}}
{{- end -}}
{{- $ignored | toJson -}}
{{- end -}}
