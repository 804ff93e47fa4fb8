# check=skip=JSONArgsRecommended
# syntax=docker/dockerfile:1.7

# The site of a bakery: built with node, served by nginx.
FROM --platform=$BUILDPLATFORM node:22-alpine AS Build
WORKDIR /src
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/home/node/.npm \
    --mount=type=bind,from=busybox:1.36,source=/bin,target=/tools \
    npm ci
COPY . .
RUN npm run build

FROM build AS test
RUN npm test

FROM "nginx:1.27"
COPY --from=build /src/dist /usr/share/nginx/html
COPY --chmod=u+x --from=ghcr.io/acme/wait:2 /wait /usr/local/bin/wait
RUN <<SQL
SELECT * FROM users;
FROM orders
SQL
ONBUILD COPY --from=alpine /etc/ssl /etc/ssl
# pinbot: ignore reason="frozen until the move"
COPY --from=redis:7 /usr/local/bin/redis-cli /usr/bin/
EXPOSE 80
