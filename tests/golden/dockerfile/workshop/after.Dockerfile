from	debi\
an:12\
-slim@sha256:c666c5a9d80a0fa58394f804854d704a75070a582b3ca141667a6bff182e525e as tools
  # a comment in between
	FROM --platform=linux/amd64 \
    # why amd64: the vendor builds no other

    registry.example.com:5000/team/app:2.1@sha256:62151e3bdeb581d659d0014e619031c6e7ea4b62218d73ec5b6df75f1d0ecb91 \
    AS app
COPY --from=tools --chown=$USER /a /b
copy --from=0 /a /b
COPY --from=memcached@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa /a /b
COPY <<"ONE" <<-TWO /etc/
FROM phantom:1
ONE
	COPY --from=phantom:2 /a /b
	TWO
FROM scratch
COPY --from=app / /
ONBUILD RUN --mount=from=golang:1.23@sha256:802b42e06964d3d8b003dcd86e3f2c2a7272b1a219a89b6272406775963417d7,target=/go go build
