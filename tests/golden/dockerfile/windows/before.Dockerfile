# escape=`
# syntax=docker/dockerfile:1
FROM mcr.microsoft.com/windows/servercore:ltsc2022 AS build
RUN dir C:\
RUN --mount=from=mcr.microsoft.com/dotnet/sdk:8.0,target=C:\sdk `
    C:\sdk\dotnet.exe publish
FROM mcr.microsoft.com/dotnet/`
runtime:8.0
COPY --from=Build C:\out C:\app
