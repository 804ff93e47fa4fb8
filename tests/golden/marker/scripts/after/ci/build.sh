#!/bin/sh
# Builds with the compilers that production uses.
set -eu
docker run --rm -v "$PWD:/src" -p 80:80 golang:1.22@sha256:0a1573672dbcb1439594d9f51838e33025c07a7aa5cc5a95c5717948bfc7b806 make all  # pinbot: image
# pinbot: image
LINTER=ghcr.io/golangci/golangci-lint:v1.60@sha256:0e2c3863893a0f3bccdd581ad17d60cd06e93685d49d5a76406b067e98e489bf
docker run --rm "$LINTER" run
# pinbot: image=quay.io/prometheus/busybox
BUSYBOX_TAG='glibc-1.0@sha256:aadb56bce5008caebcec8b8e5d95a1b314a377a8f5abd4424ef8e0809b3ac5b9'
docker run alpine:3.20 true
