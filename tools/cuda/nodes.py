"""Says where the nodes of a session ran, by ONNX Runtime's profiles:  nodes.py PREFIX    (files PREFIX*.json)

The profiles are written with -Dblip2.onnx.profile=PREFIX."""
import collections
import glob
import json
import sys

for file in sorted(glob.glob(sys.argv[1] + "*.json")):
    micros, count, runs = collections.Counter(), collections.Counter(), []
    for event in json.load(open(file)):
        if event.get("cat") == "Session" and event["name"] == "model_run":
            runs.append(event["dur"])
        elif event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            key = event["args"].get("provider", "?").replace("ExecutionProvider", ""), event["args"].get("op_name", "?")
            micros[key] += event["dur"]
            count[key] += 1
    print(f"{file}: {len(runs)} runs, the last {[round(r / 1000, 1) for r in runs[-3:]]} ms")
    for (provider, op), time in micros.most_common(14):
        print(f"  {provider:6} {op:28} {count[provider, op]:7} {time / 1000:9.1f} ms")
    print("  on the host:", {op: n for (provider, op), n in count.items() if provider == "CPU"} or "nothing",
          "; copies:", {op: n for (_, op), n in count.items() if op.startswith("Memcpy")} or "none")
