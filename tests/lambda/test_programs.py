"""The built functions against the machine that they will run on: provided.al2023, x86_64."""

import gzip
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Amazon Linux 2023.
GLIBC_MAX = (2, 34)
# What the image brings. Anything else would be missing there.
LIBRARIES = {"libc.so.6", "libm.so.6", "libgcc_s.so.1", "libpthread.so.0", "libdl.so.2", "ld-linux-x86-64.so.2"}
# Cold starts pay for every byte. The aim is the benchmark's business; this is the line at which something heavy, such
# as a second HTTP or TLS stack, must have slipped in.
GZIPPED_BYTES_MAX = 6_000_000


@pytest.fixture(params=["web", "sync"])
def program(request):
    path = ROOT / "target" / "lambda" / request.param / "bootstrap"
    assert path.is_file(), f"{path.relative_to(ROOT)} is not built: bash tests/run functions"
    return path


def objdump(option, path):
    return subprocess.run(["objdump", option, path], capture_output=True, text=True, check=True).stdout


def test_it_is_a_program_for_x86_64(program):
    assert "file format elf64-x86-64" in objdump("-f", program)


def test_it_loads_on_amazon_linux_2023(program):
    needed = {tuple(map(int, version.split("."))) for version in re.findall(r"GLIBC_([0-9.]+)", objdump("-T", program))}
    assert needed, "a program that needs no C library at all was not built by us"
    assert max(needed) <= GLIBC_MAX


def test_it_needs_no_library_that_the_image_lacks(program):
    assert set(re.findall(r"NEEDED +(\S+)", objdump("-p", program))) <= LIBRARIES


def test_it_carries_no_symbols(program):
    assert "no symbols" in objdump("-t", program)


def test_it_is_light(program):
    size = len(gzip.compress(program.read_bytes(), compresslevel=6))
    print(f"{program.parent.name}: {program.stat().st_size / 1e6:.1f} MB, {size / 1e6:.2f} MB gzipped")
    assert size <= GZIPPED_BYTES_MAX
