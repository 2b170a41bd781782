"""Worker processes: orders in, outcomes out; a worker that dies takes only its own notebook with it."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from sosrake_lib.batch.worker import Fault, Order, Outcome, execute, prepare


def run_orders(
    orders: Iterable[Order],
    *,
    workers: int,
    environment: Mapping[str, str],
    finished: Callable[[Outcome], None],
) -> None:
    """Run every order in spawned worker processes and hand each outcome to `finished` in this process.

    When a worker dies, all orders then in work are suspect: each is run once more, alone, so that only the
    one that kills its worker is marked as died.
    """
    waiting = deque(orders)
    suspects: deque[Order] = deque()
    while waiting:
        suspects.extend(_drain(waiting, min(workers, len(waiting)), environment, finished))
    while suspects:
        for order in _drain(suspects, 1, environment, finished):
            finished(Outcome(order.key, "", Fault("died", None), 0.0))


def _drain(
    queue: deque[Order], width: int, environment: Mapping[str, str], finished: Callable[[Outcome], None]
) -> list[Order]:
    """Run the queue until it is empty or the pool breaks; give the orders that were in work when it broke."""
    context = multiprocessing.get_context("spawn")
    reading, writing = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(width, context, initializer=prepare, initargs=(reading, dict(environment)))
    in_work: dict[Future[Outcome], Order] = {}
    try:
        while queue or in_work:
            while queue and len(in_work) < width:
                order = queue.popleft()
                # noted before it is submitted, so that an order is never lost to a pool that breaks meanwhile
                placeholder: Future[Outcome] = Future()
                in_work[placeholder] = order
                in_work[pool.submit(execute, order)] = in_work.pop(placeholder)
            for future in wait(in_work, return_when=FIRST_COMPLETED).done:
                finished(_outcome(future, in_work[future]))
                del in_work[future]
    except BrokenProcessPool:
        return list(in_work.values())
    except BaseException:
        writing.close()  # Ctrl-C or a fault here: the workers end their kernels and themselves at once
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        writing.close()
        reading.close()
    return []


def _outcome(future: Future[Outcome], order: Order) -> Outcome:
    try:
        return future.result()
    except BrokenProcessPool:
        raise
    except Exception as fault:  # a full disk, a folder without rights: this notebook failed, the others go on
        return Outcome(order.key, "", Fault("stopped", None, f"{type(fault).__name__}: {fault}"), 0.0)
