#!/bin/sh
# Makes a folder that runs blip2 on a machine without Java and without a network: a Java runtime of
# the modules that are needed, the program's jars, and a launcher.
#   tools/bundle.sh FOLDER [onnx|djl|both]      (default: onnx, the smaller one)
# Jars that are older than the sources are built first, with BLIP2_MAVEN_ARGS such as -Pcuda; BLIP2_LIB is a folder of
# jars that are taken as they lie.
# Engines and their libraries are no named modules, which jlink refuses: they stay on the class path.
set -eu

if [ $# -lt 1 ] || [ $# -gt 2 ] || [ -z "$1" ]; then
  echo "usage: tools/bundle.sh FOLDER [onnx|djl|both]" >&2
  exit 2
fi
folder=$1
while [ "$folder" != / ] && [ "$folder" != "${folder%/}" ]; do
  folder=${folder%/} # else what is made beside it would lie in it
done
backend=${2:-onnx}
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
lib=${BLIP2_LIB:-$root/blip2-cli/target/lib}
case "$backend" in
  onnx) without='^(blip2-djl|pytorch-|jna-)' ;;
  djl) without='^(blip2-onnx|onnxruntime)' ;;
  both) without='^$' ;;
  *)
    echo "tools/bundle.sh: expected onnx, djl or both, found $backend" >&2
    exit 2
    ;;
esac
if [ -e "$folder" ]; then
  echo "tools/bundle.sh: expected a folder that is not there, found $folder; name another" >&2
  exit 1
fi
if [ -z "${BLIP2_LIB:-}" ]; then
  "$root/blip2" --version >/dev/null # builds what is not there, or older than its sources
fi
if [ -n "${JAVA_HOME:-}" ]; then PATH="$JAVA_HOME/bin:$PATH"; fi

partial="$folder.partial"
rm -rf "$partial"
trap 'rm -rf "$partial"' EXIT # of what fails nothing stays
trap 'exit 130' INT # not every sh runs what is for EXIT when a signal ends it
trap 'exit 143' TERM
mkdir -p "$partial/lib"
# Java 21 gave the same compression another name, and later ones warn of the old.
case "$(jlink --version)" in
  17* | 18* | 19* | 20*) compression=2 ;;
  *) compression=zip-6 ;;
esac
jlink --output "$partial/runtime" --strip-java-debug-attributes --no-header-files --no-man-pages --compress="$compression" \
  --add-modules java.base,java.desktop,java.logging,java.management,java.naming,java.net.http,java.sql,java.xml,jdk.crypto.ec,jdk.httpserver,jdk.management,jdk.unsupported,jdk.zipfs
for jar in "$lib"/*.jar; do
  if ! basename "$jar" | grep -Eq "$without"; then cp "$jar" "$partial/lib/"; fi
done
cp "$root/LICENSE" "$partial/"
cat >"$partial/blip2" <<'LAUNCHER'
#!/bin/sh
# Runs blip2 with the Java that lies beside this file. JAVA_OPTS adds options.
set -eu
file=$0
while [ -L "$file" ]; do
  link=$(readlink -- "$file")
  case "$link" in
    /*) file=$link ;;
    *) file=$(dirname -- "$file")/$link ;;
  esac
done
here=$(CDPATH= cd -- "$(dirname -- "$file")" && pwd -P)
# File names are UTF-8, whatever the locale.
case "$(locale charmap 2>/dev/null || echo UTF-8)" in
  UTF-8 | utf8) ;;
  *)
    LC_ALL=C.UTF-8
    export LC_ALL
    ;;
esac
exec "$here/runtime/bin/java" --enable-native-access=ALL-UNNAMED -Dfile.encoding=UTF-8 -Dsun.stderr.encoding=UTF-8 \
  -Dstderr.encoding=UTF-8 ${JAVA_OPTS:-} -cp "$here/lib/*" io.github.blip2j.cli.Main "$@"
LAUNCHER
chmod 755 "$partial/blip2"
mv "$partial" "$folder"
du -sh "$folder" | sed 's/\t.*/ in all/' >&2
