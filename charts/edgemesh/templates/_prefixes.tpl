{{/*
Addresses and prefixes as strings of the characters 0 and 1: then "lies in" is "begins with", and host bits are a 1 after
the length. Templates have no other arithmetic for 128 bits.
*/}}

{{/* Bits of an address: 32 or 128 characters; nothing if the text is none. */}}
{{- define "edgemesh.addressBits" -}}
{{- $octet := "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])" -}}
{{- if regexMatch (printf "^(%s\\.){3}%s$" $octet $octet) . -}}
  {{- range splitList "." . }}{{ printf "%08b" (int64 .) }}{{ end -}}
{{- else if contains ":" . -}}
  {{- $halves := splitList "::" . -}}
  {{- $head := list -}}{{- $tail := list -}}{{- $isGood := le (len $halves) 2 -}}
  {{- with first $halves }}{{ $head = splitList ":" . }}{{ end -}}
  {{- if and $isGood (eq (len $halves) 2) -}}
    {{- with last $halves }}{{ $tail = splitList ":" . }}{{ end -}}
  {{- end -}}
  {{- range concat $head $tail -}}
    {{- if not (regexMatch "^[0-9a-fA-F]{1,4}$" .) }}{{ $isGood = false }}{{ end -}}
  {{- end -}}
  {{- $missing := sub (sub 8 (len $head)) (len $tail) | int -}}
  {{- if eq (len $halves) 1 -}}
    {{- if ne $missing 0 }}{{ $isGood = false }}{{ end -}}
  {{- else if lt $missing 1 -}}
    {{- $isGood = false -}}
  {{- end -}}
  {{- if $isGood -}}
    {{- range $head }}{{ printf "%016b" (int64 (printf "0x%s" .)) }}{{ end -}}
    {{- range until $missing }}{{ repeat 16 "0" }}{{ end -}}
    {{- range $tail }}{{ printf "%016b" (int64 (printf "0x%s" .)) }}{{ end -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{/* Text of an address's bits. */}}
{{- define "edgemesh.addressText" -}}
{{- $bits := . -}}
{{- $parts := list -}}
{{- if eq (len $bits) 32 -}}
  {{- range until 4 -}}
    {{- $parts = append $parts (int64 (printf "0b%s" (substr (mul . 8 | int) (add (mul . 8) 8 | int) $bits)) | toString) -}}
  {{- end -}}
  {{- join "." $parts -}}
{{- else -}}
  {{- range until 8 -}}
    {{- $parts = append $parts (printf "%x" (int64 (printf "0b%s" (substr (mul . 16 | int) (add (mul . 16) 16 | int) $bits)))) -}}
  {{- end -}}
  {{- regexReplaceAll "(:0)+$" (join ":" $parts) "::" -}}
{{- end -}}
{{- end -}}

{{/* Why pods can't have the addresses of a prefix; nothing if they can. The agents' own rules refuse the same. */}}
{{- define "edgemesh.reservedBecause" -}}
{{- $bits := .bits -}}
{{- $reserved := list
  (dict "n" 32 "b" "01111111" "why" "loopback addresses stay on their node")
  (dict "n" 32 "b" "1010100111111110" "why" "link-local addresses stay on their link")
  (dict "n" 32 "b" "1110" "why" "multicast is not carried")
  (dict "n" 32 "b" "1111" "why" "these addresses are reserved")
  (dict "n" 32 "b" "00000000" "why" "these addresses mean 'this host'")
  (dict "n" 128 "b" (repeat 127 "0") "why" "loopback and unspecified addresses stay on their node")
  (dict "n" 128 "b" "1111111010" "why" "link-local addresses stay on their link")
  (dict "n" 128 "b" "11111111" "why" "multicast is not carried") -}}
{{- $why := "" -}}
{{- range $reserved -}}
  {{- if and (not $why) (eq (int .n) (int $.addressBits)) (or (hasPrefix .b $bits) (hasPrefix $bits .b)) -}}
    {{- $why = .why -}}
  {{- end -}}
{{- end -}}
{{- $why -}}
{{- end -}}

{{/*
Reads a prefix. JSON: bits (as many as its length), addressBits (32 or 128), text (canonical), problem (a sentence's end,
if it can't be taken).
*/}}
{{- define "edgemesh.prefix" -}}
{{- $text := . -}}
{{- $parts := splitList "/" $text -}}
{{- $address := include "edgemesh.addressBits" (first $parts) -}}
{{- $length := last $parts -}}
{{- if or (ne (len $parts) 2) (not $address) (not (regexMatch "^(0|[1-9][0-9]{0,2})$" $length)) -}}
  {{- dict "problem" (printf "'%s' is no prefix: write a network address and its length, as in 10.244.1.0/24 or fd00:1::/64" $text) | toJson -}}
{{- else if gt (int $length) (len $address) -}}
  {{- dict "problem" (printf "'%s': the length is 0 to %d" $text (len $address)) | toJson -}}
{{- else -}}
  {{- $n := int $length -}}
  {{- $bits := substr 0 $n $address -}}
  {{- if eq $n 0 }}{{ $bits = "" }}{{ end -}}
  {{- $network := printf "%s%s" $bits (repeat (sub (len $address) $n | int) "0") -}}
  {{- $canonical := printf "%s/%d" (include "edgemesh.addressText" $network) $n -}}
  {{- $why := include "edgemesh.reservedBecause" (dict "bits" $bits "addressBits" (len $address)) -}}
  {{- $problem := "" -}}
  {{- if ne $network $address -}}
    {{- $problem = printf "%s has bits set after its length: write %s" $text $canonical -}}
  {{- else if eq $n 0 -}}
    {{- $problem = printf "%s is every address there is, those of the underlay too: write the pods' own prefixes" $text -}}
  {{- else if $why -}}
    {{- $problem = printf "%s can't be pods' addresses, as %s: write the pods' own prefixes" $text $why -}}
  {{- end -}}
  {{- dict "bits" $bits "addressBits" (len $address) "text" $canonical "problem" $problem | toJson -}}
{{- end -}}
{{- end -}}
