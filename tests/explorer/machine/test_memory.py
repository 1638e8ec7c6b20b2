"""What is free is given back: measured in processes of their own, whose memory nobody else uses."""

import subprocess
import sys

import pytest

from gncviz.explorer.machine import memory

GROWTH = """
import threading, psutil
from gncviz.explorer.machine.memory import give_back, map_large_blocks

MB = 2**20
size = lambda: psutil.Process().memory_info().rss / MB
map_large_blocks()

def hold_and_free():
    # Small pieces come from a heap, and one that stays keeps the rest of its heap from shrinking.
    pieces = [bytearray(2000) for _ in range(20_000)]
    kept.append(pieces[-1])

before, kept = size(), []
for _ in range(8):
    thread = threading.Thread(target=hold_and_free)
    thread.start()
    thread.join()
held = size()
give_back()
print(held - before, size() - before)
"""

LARGE = """
import threading, psutil
from gncviz.explorer.machine.memory import map_large_blocks

size = lambda: psutil.Process().memory_info().rss / 2**20
if %s:
    map_large_blocks()

def a_large_block():
    block = bytearray(20 * 2**20)
    kept.append(bytearray(2000))

# The first block that is freed raises glibc's own bound above its size.
kept = []
a_large_block()
before = size()
for _ in range(4):
    thread = threading.Thread(target=a_large_block)
    thread.start()
    thread.join()
print(size() - before)
"""


def numbers_said_by(program):
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return list(map(float, said.stdout.split()))


needs_glibc = pytest.mark.skipif(
    memory._glibc("malloc_trim") is None, reason="the C library is not glibc"
)


@needs_glibc
def test_memory_that_threads_have_freed_is_given_back():
    held, left = numbers_said_by(GROWTH)
    assert held > 20
    assert left < 8


@needs_glibc
def test_large_blocks_leave_nothing_in_the_heaps():
    (as_it_was,) = numbers_said_by(LARGE % False)
    (mapped,) = numbers_said_by(LARGE % True)
    assert mapped < 2 < as_it_was


def test_other_c_libraries_are_left_alone(monkeypatch):
    class Other:
        def __init__(self, name):
            pass

    memory._glibc.cache_clear()
    memory.map_large_blocks.cache_clear()
    monkeypatch.setattr(memory.ctypes, "CDLL", Other)
    assert memory._glibc("mallopt") is None
    memory.map_large_blocks()
    memory.give_back()
    memory._glibc.cache_clear()
    memory.map_large_blocks.cache_clear()
