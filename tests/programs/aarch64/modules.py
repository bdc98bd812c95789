"""Extension modules, threads, ctypes callbacks, a child, exceptions."""
import bz2
import ctypes
import decimal
import hashlib
import json
import lzma
import os
import sqlite3
import ssl
import sys
import threading
import unicodedata
import zlib


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


def summed_in_threads(n):
    sums = [0] * n

    def work(i):
        local = threading.local()
        local.sum = sum(range(i * 1000))
        sums[i] = local.sum

    threads = [threading.Thread(target=work, args=(i,)) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sums


def child():
    pid = os.fork()
    if not pid:
        os._exit(len(json.dumps([1, 2])))
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


print(ssl.OPENSSL_VERSION, ssl.create_default_context().verify_mode.name)
print(sqlite3.sqlite_version, numbers(200))
print(sorted_by_libc([5, 3, 9, -1, 7]))
print(summed_in_threads(6), child())
data = b"abc" * 1000
print([len(f(data)) for f in (zlib.compress, bz2.compress, lzma.compress)])
print(hashlib.sha3_256(data).hexdigest(), decimal.Decimal(2).sqrt(), unicodedata.name("\u20ac"))
try:
    ctypes.CDLL("libno-such-library.so.9")
except OSError as error:
    print(error)
sys.exit(3)
