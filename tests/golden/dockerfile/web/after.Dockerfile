# check=skip=JSONArgsRecommended
# syntax=docker/dockerfile:1.7@sha256:29e468345dfa2dd2de31b9b9aae733f7c88928dc0172e6e511630e7b4bcc09d5

# The site of a bakery: built with node, served by nginx.
FROM --platform=$BUILDPLATFORM node:22-alpine@sha256:a665a74ff2578db15c706c4acf5db2bbaa1377d9c4a2d2312e55040b3901426f AS Build
WORKDIR /src
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/home/node/.npm \
    --mount=type=bind,from=busybox:1.36@sha256:d55432289a2f69dad7e00346d00e8d4df4d0053a44dffb3f8cf463f6e3fb4b04,source=/bin,target=/tools \
    npm ci
COPY . .
RUN npm run build

FROM build AS test
RUN npm test

FROM "nginx:1.27@sha256:6965a10c15290ad0b29ca7fd1866de1850408b3cb15fb11a3bbbbc2fddb158bd"
COPY --from=build /src/dist /usr/share/nginx/html
COPY --chmod=u+x --from=ghcr.io/acme/wait:2@sha256:cb6f69f0ccdc43407b1c1aa70198e0745da954d075ac0b52155bea9090755dbe /wait /usr/local/bin/wait
RUN <<SQL
SELECT * FROM users;
FROM orders
SQL
ONBUILD COPY --from=alpine:latest@sha256:c9ef5b1f0b442255774ae31a839ff48ce1206a606a97052db8b4a13ae153fb7c /etc/ssl /etc/ssl
# pinbot: ignore reason="frozen until the move"
COPY --from=redis:7 /usr/local/bin/redis-cli /usr/bin/
EXPOSE 80
