# One ARG carries the pin of one image; a shared one carries none.
ARG PYTHON=3.12-slim@sha256:ea59dc550ffd7fa7cb400f9672cfa8ecb593f62c713ef73433a765b32dab4bac
ARG NODE_TAG="22@sha256:281a10c019b1128790759ddb0165cb537a522a02827ee49f6170c50cb814fc1f"
ARG SHARED=3.20
ARG REGISTRY=docker.io
ARG WHOLE='ghcr.io/acme/base:latest@sha256:65626b888e5e656f4325444249cc19031c64c9876b47cc4feae46fffb75954af'

FROM python:${PYTHON} AS api
FROM node:$NODE_TAG AS web
FROM alpine:${SHARED} AS one
FROM alpine:${SHARED} AS two
FROM ${REGISTRY}/library/debian:12 AS deb
FROM $WHOLE AS base
FROM golang:${GO:-1.23@sha256:802b42e06964d3d8b003dcd86e3f2c2a7272b1a219a89b6272406775963417d7} AS tool
FROM --platform=linux/arm64 ruby:${RUBY:-3.3}-slim AS ruby
FROM ${NOWHERE}
