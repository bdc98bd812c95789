"""A process pool in which each process has a worker of its own.

    multiprocessing.Pool(N, pool.start, (Worker, arguments of Worker...)).imap_unordered(pool.run, indexes)
"""

worker = None


def start(kind, *arguments):
    global worker
    worker = kind(*arguments)


def run(index):
    return worker.run(index)
