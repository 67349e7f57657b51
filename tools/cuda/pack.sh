#!/usr/bin/env bash
# Packs the built project for a machine with an NVIDIA card, without Java and network; see README.md beside it.
#   pack.sh OUT [ARCH [MEGABYTES]]     ARCH: 90 for compute capability 9.0; MEGABYTES: the most that a piece has (60)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); project=$(cd "$here/../.." && pwd)
out=$(realpath -m "$1"); arch=${2:-90}; most=${3:-60}
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
root="$work/blip2"; mkdir -p "$root/lib" "$root/native" "$root/test" "$work/jars" "$out"; rm -f "$out"/piece.*
get() { mvn -q dependency:copy -Dartifact="$1" -DoutputDirectory="$2" -Dmdep.useBaseVersion=true; }
version() { sed -n "s/.*<$1>\(.*\)<.*/\1/p" "$project/pom.xml" | head -1; }

for module in cli bench; do cp -f "$project/blip2-$module"/target/lib/*.jar "$root/lib/"; done
rm -f "$root"/lib/{pytorch-native-,pytorch-jni-,lucene-,archunit-,jmh-generator}*.jar "$root"/lib/onnxruntime-*.jar
get "com.microsoft.onnxruntime:onnxruntime_gpu:$(version onnxruntime.version)" "$work/jars"
jar=$(ls "$work"/jars/onnxruntime_gpu-*.jar)
unzip -qj "$jar" 'ai/onnxruntime/native/linux-x64/*' -x '*tensorrt*' -d "$root/native"
zip -qd "$jar" 'ai/onnxruntime/native/*'; mv "$jar" "$root/lib/"

# What ONNX Runtime 1.28 links: cuBLAS 12, of any 12, and a CUDA runtime of 12.8 or later (12.4 lacks cudaLibraryGetKernel).
get ai.djl.pytorch:pytorch-native-cu124:2.5.1:jar:linux-x86_64 "$work/jars"
unzip -qj "$work"/jars/pytorch-native-cu124-*.jar 'pytorch/cu124/linux-x86_64/libcublas*' -d "$root/native"
get org.bytedeco:cuda-redist:12.9-9.10-1.5.12:jar:linux-x86_64 "$work/jars"
unzip -qj "$work"/jars/cuda-redist-*.jar 'org/bytedeco/cuda/linux-x86_64/libcudart.so.12' -d "$root/native"
for f in "$root"/native/lib{cublas,cublasLt}-*.so.12; do n=$(basename "$f"); ln -sf "$n" "$root/native/${n%%-*}.so.12"; done
rm -rf "$work/jars"
python3 "$here/blank_gpu_code.py" "$arch" "$root"/native/lib{cublas-,cublasLt-}*.so.12 "$root"/native/libonnxruntime_providers_cuda.so

# The tests of the graphs for CUDA, and what runs them.
cp -r "$project/blip2-onnx/target/test-classes" "$root/test/classes"
get org.junit.platform:junit-platform-console-standalone:1.14.1 "$root/test"
get "org.assertj:assertj-core:$(version assertj.version)" "$root/test"
get net.bytebuddy:byte-buddy:1.18.3 "$root/test"
"${JAVA_HOME:-$(dirname "$(dirname "$(realpath "$(command -v javac)")")")}/bin/jlink" \
  --add-modules java.se,jdk.unsupported,jdk.zipfs,jdk.management,jdk.crypto.ec,jdk.httpserver,jdk.incubator.vector \
  --strip-debug --no-header-files --no-man-pages --output "$root/jre"
cp -r "$here/check.sh" "$here/nodes.py" "$here/reference.py" "$project/samples" "$root/"
cp "$here/unpack.sh" "$out/"
tar -C "$work" -cf - blip2 | xz -T0 -6 --block-size=64MiB | split -b "${most}000000" -d -a 2 - "$out/piece."
ls -l "$out"
