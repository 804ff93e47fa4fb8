from	debi\
an:12\
-slim as tools
  # a comment in between
	FROM --platform=linux/amd64 \
    # why amd64: the vendor builds no other

    registry.example.com:5000/team/app:2.1 \
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
ONBUILD RUN --mount=from=golang:1.23,target=/go go build
