#!/usr/bin/env bash
# Checks a CUDA device with what pack.sh packed:  check.sh OUT    see README.md
#   DEVICE (cuda:0)   STEPS (all of them)   MODEL (a checkpoint of real size; random weights if it is not there)   LIMIT (seconds a step)
set -u
here=$(cd "$(dirname "$0")" && pwd); out=$(realpath -m "${1:?a folder for the output}"); mkdir -p "$out"
device=${DEVICE:-cuda:0}; model=${MODEL:-$out/real}; image="$here/samples/scene-00.png"
steps=${STEPS:-card links doctor cpu caption tests packed checkpoint real nodes reference}
python=$(python3 - <<'P' 2> /dev/null
import glob, os, site
print(":".join(sorted({os.path.dirname(f) for s in site.getsitepackages() for f in glob.glob(s + "/nvidia/**/*.so*", recursive=True)})))
P
)
system="$python:/usr/local/nvidia/lib64:/usr/local/cuda/lib64:${LD_LIBRARY_PATH:-}"
export BLIP2_CACHE="$out/cache" LD_LIBRARY_PATH="$here/native:$system"
limited() { timeout -k 5 "${LIMIT:-90}" "$@"; }
java() { limited "$here/jre/bin/java" -Donnxruntime.native.path="$here/native" "$@"; }
product() { java -cp "$here/lib/*" "$@"; }
cli() { product io.github.blip2j.cli.Main "$@"; }
bench() { product io.github.blip2j.bench.Main "$@"; }
step() {
  local name=$1; shift
  case " $steps " in *" $name "*) ;; *) return ;; esac
  local start=$SECONDS; "$@" > "$out/$name.txt" 2>&1; local rc=$?
  echo "== $name: exit status $rc, $((SECONDS - start)) s"; tail -n 20 "$out/$name.txt" | cut -c 1-400
}
# Each class in a process of its own, all at once: a class that hangs loses only its own answer.
tests() {
  local classes=$(cd "$here/test/classes" && find . -name 'Gpu*Test.class' | sed 's#^\./##; s#/#.#g; s#\.class$##' | sort)
  for c in $classes; do
    java -Dblip2.gpu.device="$device" -cp "$here/test/classes:$here/test/*:$here/lib/*" org.junit.platform.console.ConsoleLauncher \
      execute --select-class "$c" --details=summary --disable-banner > "$out/test-${c##*.}.txt" 2>&1 &
  done
  wait
  for c in $classes; do echo "${c##*.}: $(grep -E 'tests (successful|failed)' "$out/test-${c##*.}.txt" | tr -s ' \n' ' ')"; done
  grep -hE '=> ' "$out"/test-*.txt | cut -c 1-300 | sort | uniq -c | sort -rn | head -12
}
# As a user has it: the libraries lie in the jar, the system finds CUDA's own.
packed() {
  rm -rf "$out/user"; mkdir -p "$out/user/lib" "$out/user/cuda"
  cp "$here"/lib/*.jar "$out/user/lib/"; cp -P "$here"/native/lib{cublas,cudart}*.so* "$out/user/cuda/"
  python3 -c '
import glob, os, sys, zipfile
with zipfile.ZipFile(glob.glob(sys.argv[2] + "/onnxruntime_gpu-*.jar")[0], "a") as jar:
    for file in glob.glob(sys.argv[1] + "/libonnxruntime*"):
        jar.write(file, "ai/onnxruntime/native/linux-x64/" + os.path.basename(file))' "$here/native" "$out/user/lib"
  BLIP2_CACHE="$out/user/cache" LD_LIBRARY_PATH="$out/user/cuda:$system" limited "$here/jre/bin/java" -cp "$out/user/lib/*" \
    io.github.blip2j.cli.Main caption --backend onnx --device "$device" --json "$image"
}
real() {
  nvidia-smi --query-gpu=memory.used,utilization.gpu --format=csv,noheader -lms 500 > "$out/memory.txt" & local watch=$!
  bench device --device "$device" --image "$image" --model "$model" --out "$out" --precision "${PRECISION:-float16}" --seconds 80
  kill $watch; echo "most memory of the device: $(sort -n "$out/memory.txt" | tail -1)"
}
nodes() {
  mkdir -p "$out/nodes"
  java -Dblip2.onnx.profile="$out/nodes/profile" -cp "$here/lib/*" io.github.blip2j.bench.Main caption --model "$model" --image "$image" \
    --backend onnx --device "$device" --precision "${PRECISION:-float16}" --runs 2
  python3 "$here/nodes.py" "$out/nodes/profile"
}
step card nvidia-smi
step links sh -c "ldd '$here/native/libonnxruntime_providers_cuda.so' | grep -E 'not found|cublas|cudart|curand|cudnn'"
step doctor cli doctor --device "$device"
step cpu cli caption --backend onnx --device cpu --json "$image"
step caption cli caption --backend onnx --device "$device" --json "$image"
step tests tests
step packed packed
[ -d "$model" ] || LIMIT=200 step checkpoint bench random-checkpoint --dtype F16 --out "$model"
step real real
step nodes nodes
step reference env LD_LIBRARY_PATH= timeout 120 python3 "$here/reference.py" "$model" "$image"
