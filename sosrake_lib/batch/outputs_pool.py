"""Rendering of many pieces in worker processes; one that kills its worker fails alone."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from sosrake_lib.batch.outputs_render import Rendered, RenderOrder, render
from sosrake_lib.language import say


def in_processes(orders: list[RenderOrder], workers: int) -> Iterator[tuple[str, tuple[Rendered, ...]]]:
    """Render orders in worker processes (in this one, when one worker is asked for).

    A worker that dies takes its pool along: what was unfinished is done again one at a time, so that only the
    order that kills its worker fails.
    """
    if workers == 1 or len(orders) < 2:
        for order in orders:
            yield order.key, render(order)
        return
    left = {order.key: order for order in orders}
    try:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            futures: dict[Future[tuple[Rendered, ...]], RenderOrder] = {
                pool.submit(render, order): order for order in orders
            }
            for future in as_completed(futures):
                key = futures[future].key
                made = future.result()
                del left[key]
                yield key, made
    except BrokenProcessPool:
        for order in list(left.values()):
            yield order.key, _alone(order)


def _alone(order: RenderOrder) -> tuple[Rendered, ...]:
    try:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            return pool.submit(render, order).result()
    except BrokenProcessPool:
        reason = say("batch.fault.died", order.language, detail="")
        return tuple(Rendered(form, reason=reason) for form in order.formats)
