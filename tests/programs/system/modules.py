"""Python: extension modules, threads, processes, ctypes callbacks, exceptions."""
import ctypes
import decimal
import hashlib
import json
import lzma
import multiprocessing
import sqlite3
import ssl
import subprocess
import sys
import threading
import unicodedata
import zlib


def square(n):
    return n * n


def numbers(limit):
    base = sqlite3.connect(":memory:")
    base.execute("create table t (n integer, s text)")
    base.executemany("insert into t values (?, ?)", [(i, str(i) * 3) for i in range(limit)])
    return base.execute("select count(*), sum(n), max(length(s)) from t").fetchone()


def sorted_by_libc(values):
    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
    array = (ctypes.c_int * len(values))(*values)
    ctypes.CDLL(None).qsort(array, len(values), 4, kind(lambda a, b: a[0] - b[0]))
    return list(array)


def main():
    print(ssl.OPENSSL_VERSION, ssl.create_default_context().verify_mode.name)
    print(sqlite3.sqlite_version, numbers(1000))
    print(sorted_by_libc([5, 3, 9, -1, 7]), ctypes.CDLL("libm.so.6").abs(-4))
    try:
        ctypes.CDLL("libno-such-library.so.9")
    except OSError as error:
        print("OSError:", str(error).split(":")[0])
    found = []
    threads = [threading.Thread(target=lambda n=n: found.append(sum(range(n)))) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(sorted(found)[-3:])
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(pool.map(square, range(8)))
    print(subprocess.run([sys.argv[1], "-c", "print(6 * 7)"], capture_output=True, check=True).stdout)
    print(hashlib.sha256(b"x").hexdigest()[:16], zlib.crc32(b"x"), len(lzma.compress(b"x" * 9999)))
    print(decimal.Decimal(2).sqrt(), unicodedata.name("\u00e9"), json.dumps({"a": [1, None]}))
    sys.exit(3)


if __name__ == "__main__":
    main()
