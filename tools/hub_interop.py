"""Checks that Python's huggingface_hub and this library share one cache, in both directions.

    python tools/hub_interop.py CHECKPOINT IMAGE -- java -cp ... io.github.blip2j.cli.Main

A server on the loopback address speaks the Hub's API for one model, whose files are those of CHECKPOINT; both
clients are pointed at it. Prints one line for each check and exits with 1 if one fails. The library's own tests need
no Python; this is for maintainers, when huggingface_hub has changed. What it printed last stands in docs/hub.md.
"""

import hashlib
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

ID, COMMIT = "owner/tiny", "89abcdef" * 5
FOLDER, IMAGE = pathlib.Path(sys.argv[1]), sys.argv[2]
JAVA = sys.argv[sys.argv.index("--") + 1 :]
REQUESTS = []


def lfs(name):
    return name.endswith((".safetensors", ".bin"))


def digest(name):
    content = (FOLDER / name).read_bytes()
    if lfs(name):
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Hub(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.split("?")[0]
        REQUESTS.append(self.command + " " + path)
        names = sorted(p.name for p in FOLDER.iterdir() if p.is_file())
        resolve = f"/{ID}/resolve/{COMMIT}/"
        if path == f"/api/models/{ID}/revision/main":
            info = {"id": ID, "sha": COMMIT, "siblings": [{"rfilename": n} for n in names], "private": False, "tags": []}
            self.send(json.dumps(info).encode())
        elif path == f"/api/models/{ID}/tree/{COMMIT}":
            self.send(json.dumps([self.entry(n) for n in names]).encode())
        elif path.startswith(resolve) and path[len(resolve) :] in names:
            name = path[len(resolve) :]
            size = (FOLDER / name).stat().st_size
            headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{digest(name)}"'}
            if lfs(name):
                headers |= {"X-Linked-Etag": f'"{digest(name)}"', "X-Linked-Size": str(size)}
                headers["Location"] = f"http://localhost:{self.server.server_port}/storage/{name}"
                self.send(b"", 302, headers)
            else:
                self.send((FOLDER / name).read_bytes(), 200, headers)
        elif path.startswith("/storage/"):
            assert "Authorization" not in self.headers
            self.send((FOLDER / path.split("/")[-1]).read_bytes())
        else:
            self.send(b"", 404, {"X-Error-Code": "EntryNotFound"})

    do_HEAD = do_GET

    def entry(self, name):
        size = (FOLDER / name).stat().st_size
        entry = {"type": "file", "path": name, "size": size, "oid": "0" * 40 if lfs(name) else digest(name)}
        if lfs(name):
            entry["lfs"] = {"oid": digest(name), "size": size, "pointerSize": 134}
        return entry

    def send(self, body, status=200, headers={}):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ.update(HF_ENDPOINT=f"http://127.0.0.1:{server.server_port}", HF_HUB_DISABLE_XET="0", NO_PROXY="*")
os.environ["HF_TOKEN"] = "hf_secret"

import huggingface_hub  # noqa: E402, after the environment is set
from huggingface_hub.utils import _shared_blobs  # noqa: E402

WORK = pathlib.Path(tempfile.mkdtemp())
FAILED = []


def check(what, right, detail=""):
    print(("ok    " if right else "FAILED ") + what + (f": {detail}" if detail else ""))
    if not right:
        FAILED.append(what)


def java(cache, *arguments, **variables):
    environment = os.environ | {"HF_HUB_CACHE": str(cache), "BLIP2_CACHE": str(WORK / "derived")} | variables
    return subprocess.run(JAVA + list(arguments), env=environment, capture_output=True, text=True)


def transfers(since):
    return [r for r in REQUESTS[since:] if r.startswith("GET") and ("/storage/" in r or "/resolve/" in r)]


def python_finds(cache, what, **filters):
    found = pathlib.Path(huggingface_hub.snapshot_download(ID, cache_dir=cache, local_files_only=True, **filters))
    check(f"{what}: snapshot_download(local_files_only=True)", found.name == COMMIT)
    scan = huggingface_hub.scan_cache_dir(cache)
    check(f"{what}: scan_cache_dir has no warnings", not scan.warnings, str(list(map(str, scan.warnings))) if scan.warnings else "")
    (repo,) = scan.repos
    (revision,) = repo.revisions
    check(f"{what}: its refs and files", revision.refs == {"main"} and len(revision.files) >= 4, f"{sorted(f.file_name for f in revision.files)}")
    same = all((found / f.file_name).read_bytes() == (FOLDER / f.file_name).read_bytes() for f in revision.files)
    check(f"{what}: contents are the Hub's", same)
    return found


def java_finds(cache, what):
    before = len(REQUESTS)
    run = java(cache, "caption", "--model", ID, IMAGE, HF_HUB_OFFLINE="1")
    check(f"{what}: captions by name", run.returncode == 0, (run.stdout + run.stderr).strip()[-90:])
    check(f"{what}: without a request", len(REQUESTS) == before)


print("huggingface_hub", huggingface_hub.__version__)
for links in ("", "1"):
    kind = "copies" if links else "links"
    cache = WORK / f"ours-{kind}"
    run = java(cache, "download", ID, HF_HUB_DISABLE_SYMLINKS=links)
    check(f"ours, {kind}: download", run.returncode == 0, run.stderr.strip())
    found = python_finds(cache, f"ours, {kind}")
    check(f"ours, {kind}: as asked for", (found / "config.json").is_symlink() != bool(links))
    before = len(REQUESTS)
    huggingface_hub.snapshot_download(ID, cache_dir=cache, allow_patterns=["*.json", "model*.safetensors"])
    again = transfers(before)
    needed = [r for r in again if any(f.name in r for f in found.iterdir()) and "storage" in r]
    check(f"ours, {kind}: Python transfers no weights again", not needed, f"{len(again)} small files that we do not read")
    java_finds(cache, f"ours, {kind}, completed by Python")

cache = WORK / "theirs"
FILTERS = {"ignore_patterns": ["*.bin", "golden*"]}
huggingface_hub.snapshot_download(ID, cache_dir=cache, **FILTERS)
java_finds(cache, "theirs, plain")
before = len(REQUESTS)
run = java(cache, "download", ID)
check("theirs, plain: our download transfers nothing", run.returncode == 0 and not transfers(before), run.stderr.strip())

weights = "model.safetensors"
storage = cache / "models--owner--tiny"
shared = _shared_blobs.publish_blob_to_shared_store(
    blob_path=str(storage / "blobs" / digest(weights)),
    xet_hash="ab" * 32,
    cache_dir=cache,
    expected_size=(FOLDER / weights).stat().st_size,
)
hops = os.readlink(storage / "snapshots" / COMMIT / weights), os.readlink(storage / "blobs" / digest(weights))
check("theirs, shared store: two hops", shared, " -> ".join(hops))
java_finds(cache, "theirs, shared store")
before = len(REQUESTS)
run = java(cache, "download", ID)
check("theirs, shared store: our download transfers nothing", run.returncode == 0 and not transfers(before), run.stderr.strip())
python_finds(cache, "theirs, shared store, after our download", **FILTERS)

os.remove(storage / "snapshots" / COMMIT / "config.json")
run = java(cache, "caption", "--model", ID, IMAGE)
check("theirs, incomplete: refused by name", run.returncode == 1 and "found no config.json" in run.stderr, run.stderr.strip()[-120:])
print("all well" if not FAILED else f"{len(FAILED)} failed")
sys.exit(1 if FAILED else 0)
