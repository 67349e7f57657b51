"""Blanks the GPU code of CUDA libraries for other architectures than one, so that they compress to a fifth.

blank_gpu_code.py ARCH LIBRARY...    ARCH: 90 for compute capability 9.0

A library's fat binaries hold the same kernels for many architectures, each entry with kind, size and architecture; the driver takes the
entry of its device. Where none is for ARCH, the newest PTX that it can compile stays. Offsets and sizes do not change."""
import mmap
import struct
import sys

MAGIC = struct.pack("<I", 0xBA55ED50)
PTX, ELF = 1, 2


def entries(data, at, end):
    while at < end:
        kind, _, header, size = struct.unpack_from("<HHIQ", data, at)
        (arch,) = struct.unpack_from("<I", data, at + 28)
        if kind not in (PTX, ELF) or not 64 <= header <= 4096 or at + header + size > end:
            raise ValueError(f"at {at}: expected an entry of a fat binary, found kind {kind}, header {header}, size {size}")
        yield kind, arch, at + header, size
        at += header + size


def blank(path, arch):
    kept = blanked = 0
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as data:
        at = data.find(MAGIC)
        while at >= 0:
            version, header, size = struct.unpack_from("<HHQ", data, at + 4)
            end = at + 16 + size
            if version != 1 or header != 16 or end > len(data):
                at = data.find(MAGIC, at + 4)
                continue
            found = list(entries(data, at + 16, end))
            keep = [e for e in found if e[0] == ELF and e[1] == arch]
            if not keep:
                keep = sorted((e for e in found if e[0] == PTX and e[1] <= arch), key=lambda e: e[1])[-1:]
            for entry in found:
                if entry in keep:
                    kept += entry[3]
                else:
                    data[entry[2] : entry[2] + entry[3]] = bytes(entry[3])
                    blanked += entry[3]
            at = data.find(MAGIC, end)
    print(f"{path}: {kept / 1e6:.0f} MB of GPU code kept, {blanked / 1e6:.0f} MB blanked")


for library in sys.argv[2:]:
    blank(library, int(sys.argv[1]))
