# One ARG carries the pin of one image; a shared one carries none.
ARG PYTHON=3.12-slim
ARG NODE_TAG="22"
ARG SHARED=3.20
ARG REGISTRY=docker.io
ARG WHOLE='ghcr.io/acme/base'

FROM python:${PYTHON} AS api
FROM node:$NODE_TAG AS web
FROM alpine:${SHARED} AS one
FROM alpine:${SHARED} AS two
FROM ${REGISTRY}/library/debian:12 AS deb
FROM $WHOLE AS base
FROM golang:${GO:-1.23} AS tool
FROM --platform=linux/arm64 ruby:${RUBY:-3.3}-slim AS ruby
FROM ${NOWHERE}
