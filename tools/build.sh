#!/bin/sh
# tools/build.sh <project or solution> [options of dotnet build]: checks the SDK first, and prints errors only.
cd "$(dirname "$0")/.." || exit 1
if ! command -v dotnet >/dev/null; then
    echo "The .NET SDK 10 is missing: install it from https://dot.net (or as the package dotnet-sdk-10.0)." >&2
    exit 1
fi
if ! dotnet --version >/dev/null 2>&1; then
    echo "The .NET SDK 10 is missing: global.json asks for it, and this dotnet has only: $(dotnet --list-sdks | cut -d' ' -f1 | tr '\n' ' ')" >&2
    exit 1
fi
if ! [ -w . ]; then
    echo "The folder $PWD cannot be written by $(id -un): clone the repository as the user who runs it." >&2
    exit 1
fi
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
echo "building $1"
TMPDIR=$(mktemp -d) && export TMPDIR # the compiler leaves empty folders behind
trap 'rm -rf "$TMPDIR"' EXIT
# One compiler serves all projects, which halves the time; under a name of its own, so that it ends with this build and no other's does.
compiler=booksaga-$$
output=$(dotnet build "$@" --nologo --verbosity quiet -nodeReuse:false -p:UseSharedCompilation=true -p:SharedCompilationId=$compiler </dev/null 2>&1)
code=$?
version=$(dotnet --version)
sdks=$(dotnet --list-sdks | sed -n "s/^$version \[\(.*\)\]$/\1/p" | head -1)
dotnet "$sdks/$version/Roslyn/bincore/VBCSCompiler.dll" -shutdown -pipename:$compiler >/dev/null 2>&1
[ $code -eq 0 ] && exit 0
errors=$(printf '%s\n' "$output" | grep -E ' error |: error|No space left' | sort -u)
printf '%s\n' "${errors:-$output}" >&2
exit 1
