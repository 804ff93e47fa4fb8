#!/bin/sh
# Builds with the compilers that production uses.
set -eu
docker run --rm -v "$PWD:/src" -p 80:80 golang:1.22 make all  # pinbot: image
# pinbot: image
LINTER=ghcr.io/golangci/golangci-lint:v1.60
docker run --rm "$LINTER" run
# pinbot: image=quay.io/prometheus/busybox
BUSYBOX_TAG='glibc-1.0'
docker run alpine:3.20 true
