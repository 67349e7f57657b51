#!/usr/bin/env bash
# Joins and unpacks the pieces of pack.sh:  unpack.sh FOLDER_WITH_PIECES TARGET
set -euo pipefail
mkdir -p "$2"
if command -v xz > /dev/null; then un() { xz -T0 -dc; }
else un() { python3 -c 'import lzma, shutil, sys; shutil.copyfileobj(lzma.open(sys.stdin.buffer), sys.stdout.buffer, 1 << 20)'; }; fi
cat "$1"/piece.?? | un | tar -C "$2" -xf -
ls "$2/blip2"
