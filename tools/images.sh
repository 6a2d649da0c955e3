#!/bin/sh
# Builds one image for each process with the SDK, without Docker, and prints their sizes: archives in artifacts/images, or with REGISTRY=host[/path] pushed there
# (the login is that of `docker login`). TAG=… names another version than the project's; ARCH=arm64 another processor than x64.
cd "$(dirname "$0")/.." || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
folder=artifacts/images
mkdir -p "$folder"
for project in src/*/; do
    name=$(basename "$project")
    # A process is what is made with the SDK for web services.
    grep -q 'Sdk="Microsoft.NET.Sdk.Web"' "src/$name/$name.csproj" || continue
    image=$(printf '%s' "$name" | tr '[:upper:]' '[:lower:]')
    set -- -p:RunAnalyzers=false ${TAG:+"-p:ContainerImageTag=$TAG"} ${ARCH:+"-p:ContainerRuntimeIdentifier=linux-$ARCH"}
    if [ -n "$REGISTRY" ]; then
        host=${REGISTRY%%/*}
        path=${REGISTRY#"$host"}
        set -- "$@" "-p:ContainerRegistry=$host" "-p:ContainerRepository=${path:+${path#/}/}booksaga/$image"
    else
        set -- "$@" "-p:ContainerArchiveOutputPath=$PWD/$folder/$image.tar.gz"
    fi
    if ! output=$(dotnet publish "src/$name" --configuration Release --nologo --verbosity quiet -nodeReuse:false -p:UseSharedCompilation=false -t:PublishContainer "$@" </dev/null 2>&1); then
        printf '%s\n' "$output" | grep -E 'error|CONTAINER' | sort -u >&2
        echo "The image of $image could not be built: is mcr.microsoft.com reachable${REGISTRY:+, and does $REGISTRY take it}?" >&2
        exit 1
    fi
    if [ -n "$REGISTRY" ]; then
        echo "$REGISTRY/booksaga/$image"
    else
        echo "$(du -h "$folder/$image.tar.gz" | cut -f1)  $folder/$image.tar.gz"
    fi
done
