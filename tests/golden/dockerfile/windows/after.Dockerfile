# escape=`
# syntax=docker/dockerfile:1@sha256:f86143b75e5ff8b48f6ab64d61eb77856596c4a6a0264fba4d78400d85b8bfcd
FROM mcr.microsoft.com/windows/servercore:ltsc2022@sha256:bc3bc8408e84c12c2b5f24aa91b444894b55e26069b66e8034890634b08aef1d AS build
RUN dir C:\
RUN --mount=from=mcr.microsoft.com/dotnet/sdk:8.0@sha256:3fc9bb883650f91f0eebe75bc2023b9b9cdfc1cc60ed62fa851c00be8033a73b,target=C:\sdk `
    C:\sdk\dotnet.exe publish
FROM mcr.microsoft.com/dotnet/`
runtime:8.0@sha256:7a73a4fd4760d26b431f10bbdc6c716489d13b717d7a9274ef41c3b26d6f66c8
COPY --from=Build C:\out C:\app
