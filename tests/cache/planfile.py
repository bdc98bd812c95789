"""The form of the files that starts and dlopens leave, as ldso/cache/plan.h has it: for tests that
change one and give it the checksum that it should have."""
import struct

# In the head: its own size, the checksum, and (at, count) of each section.
HEAD_SIZE_AT, MEMBERS_AT, SIZE_AT, SUM_AT, RANGES_AT = 12, 20, 32, 40, 48
SECTIONS = ("key", "strings", "facts", "objects", "words", "bindings", "uniques")
# In struct plan_object, and struct plan_binding's size.
MEMBER_AT, FLAGS_AT, BINDINGS_AT, BINDING = 0, 12, 32, 12
M64 = (1 << 64) - 1


def sum_bytes(data, seed):
    """hash_bytes() of ldso/base/hash.c."""
    lane = [(seed + i) & M64 for i in range(4)]
    padded = data + bytes(-len(data) % 8)
    for i, (word,) in enumerate(struct.iter_unpack("<Q", padded)):
        x = (lane[i & 3] ^ word) * 0x9e3779b97f4a7c15 & M64
        lane[i & 3] = x ^ x >> 29
    total = len(data)
    for x in lane:
        total = (total ^ x) * 0x9e3779b97f4a7c15 & M64
    return total ^ total >> 32


def with_sum(data):
    """The file with the checksum that it should have."""
    data = bytearray(data)
    n, = struct.unpack_from("<I", data, HEAD_SIZE_AT)
    data[SUM_AT:SUM_AT + 8] = bytes(8)
    struct.pack_into("<Q", data, SUM_AT, sum_bytes(bytes(data[n:]), sum_bytes(bytes(data[:n]), 0)))
    return bytes(data)


def section(data, name):
    """Where it is, and how many elements it has."""
    return struct.unpack_from("<II", data, RANGES_AT + 8 * SECTIONS.index(name))


def objects(data):
    """Where each struct plan_object is, and their size."""
    at, count = section(data, "objects")
    size = (section(data, "words")[0] - at) // count
    return [at + i * size for i in range(count)], size
