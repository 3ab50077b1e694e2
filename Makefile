# What there is to do here. Each target first installs, by apt, what it needs and the machine lacks, and says so.
#
#   make build      the programs, compiled ahead of time, into artifacts/bin
#   make test       everything that runs in minutes: unit, architecture, simulation, conformance and system tests
#   make test-long  what takes longer: transfers of GiB, soak
#   make demo       three sites on this machine, in network namespaces (root)
#   make perf       a first look: plain routing, the product and others beside each other, one report (root, < 5 minutes)
#   make figures    everything that is measured; writes docs/performance.md's tables (root, 35 minutes)
#   make figures-cluster  a cluster of 5 000 nodes, simulated; writes its table there (root, 8 minutes)
#   make stress     bursts, slow peers, overload, replaced connections; OLD=DIRECTORY compares another build (root, 3 minutes)
#   make image      the container images, linux-x64 and linux-arm64, and what is inside (SPDX), into artifacts/image
#   make test-image runs what the images hold, under podman and qemu-user (root)
#   make test-chart what helm 3 and helm 4 make of the chart
#   make test-kubernetes  a real cluster of three nodes on this machine, the chart and the image in it (root). Compiles
#                   Kubernetes the first time
#   make demo-kubernetes  the same cluster, shown (root, under ten minutes)
#   make bench      micro-benchmarks, compared with $(BASELINE); WRITE=1 replaces that
#   make clean

SHELL := /bin/bash
.DEFAULT_GOAL := build
.PHONY: build test test-long demo perf figures figures-cluster stress bench clean restore compile lab image test-image cluster \
  test-chart test-kubernetes demo-kubernetes

export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1
export DOTNET_SKIP_FIRST_TIME_EXPERIENCE := 1

SOLUTION := EdgeMesh.Dataplane.sln
BIN := artifacts/bin
LAB := perf/EdgeMesh.Lab/bin/Release/net10.0/EdgeMesh.Lab
BASELINE := perf/baselines/amd-epyc-2-cores.json
comma := ,
AS_ROOT := $(shell [ "$$(id -u)" = 0 ] || echo sudo --preserve-env=PATH,DOTNET_ROOT)

# Packages come as the lock files say, or not at all.
restore:
	@.ci/packages build
	@.ci/quietly "Restoring packages" dotnet restore $(SOLUTION) --locked-mode

build: restore
	@.ci/publish $(BIN)

# Everything, with all analyzers, in Debug: overflow checks and assertions are on.
compile: restore
	@.ci/quietly "Building everything, with analyzers" dotnet build $(SOLUTION) -c Debug --no-restore -v quiet

test: compile build
	@.ci/packages test
	@.ci/tests quick

test-long: compile build
	@.ci/packages test
	@.ci/tests long

lab: restore
	@.ci/quietly "Building the lab" dotnet build perf/EdgeMesh.Lab -c Release --no-restore -v quiet

demo: build lab
	@.ci/packages demo
	@$(AS_ROOT) $(LAB) demo

perf: build
	@.ci/packages perf
	@mkdir -p artifacts/perf
	@$(AS_ROOT) $(BIN)/edgemesh-perf lab --rounds 3 --duration 1.2 --out artifacts/perf

FIGURES := baseline,edgemesh,wireguard-go,nebula,vxlan,edgemesh:epoll,edgemesh:offload-off,edgemesh:workers=2

figures: build
	@.ci/packages perf
	@mkdir -p artifacts/perf
	@$(AS_ROOT) $(BIN)/edgemesh-perf lab --via $(FIGURES) --tests all --rounds 5 --duration 1.8 \
	  --figures docs/performance.md --out artifacts/perf

figures-cluster: build
	@.ci/packages perf
	@mkdir -p artifacts/perf
	@$(AS_ROOT) $(BIN)/edgemesh-perf cluster --figures docs/performance.md --out artifacts/perf/cluster.json

STRESS := burst,peers,overload,tun-queue,replace

stress: build
	@.ci/packages perf
	@mkdir -p artifacts/perf
	@$(AS_ROOT) $(BIN)/edgemesh-perf lab --via baseline,edgemesh$(if $(OLD),$(comma)$(OLD)) --tests $(STRESS) \
	  --rounds 1 --duration 2 --out artifacts/perf

image: build
	@.ci/packages image
	@.ci/publish $(BIN)/linux-arm64 linux-arm64
	@.ci/image linux-x64 $(BIN)
	@.ci/image linux-arm64 $(BIN)/linux-arm64

test-image: compile image
	@.ci/packages image_test
	@.ci/vectors
	@.ci/tests image

# What a cluster needs: Kubernetes' programs, helm and our image.
cluster: build
	@.ci/packages image
	@.ci/packages kubernetes
	@.ci/kubernetes
	@.ci/helm
	@.ci/image linux-x64 $(BIN)

test-chart: compile
	@.ci/packages chart
	@.ci/helm
	@.ci/tests chart

test-kubernetes: compile cluster
	@.ci/tests kubernetes

demo-kubernetes: lab cluster
	@$(AS_ROOT) $(LAB) demo-kubernetes

bench: restore
	@dotnet run -c Release --no-restore --project perf/EdgeMesh.Benchmarks -- --filter '*' --job short \
	  $(if $(wildcard $(BASELINE)),--compare $(BASELINE)) $(if $(WRITE),--write-baseline $(BASELINE))

clean:
	@rm -rf artifacts BenchmarkDotNet.Artifacts
	@find src tests perf native-interop \( -name bin -o -name obj -o -name node_modules \) -type d -prune -exec rm -rf {} +
