"""How often one caller may call: a bucket of tokens each, in this process.

A bucket holds a minute's worth, and fills evenly. With several API processes
each keeps its own count; so the limit is for each, not for all of them.
"""

import math
from collections import OrderedDict
from dataclasses import dataclass

from grantline.errors import TooManyRequests

MOST_CALLERS = 20_000
MINUTE = 60.0


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Rates:
    """The buckets of everybody who called lately; whoever has not called for long has a full one anyway."""

    def __init__(self, per_minute: int) -> None:
        self._size = float(per_minute)
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, caller_id: str, now: float) -> None:
        """Take a token; `now` is in seconds of a clock that never goes back.

        Raises:
            TooManyRequests: there is none; says when there is one again.
        """
        if not self._size:
            return
        bucket = self._buckets.get(caller_id)
        if bucket is None:
            bucket = self._buckets[caller_id] = _Bucket(self._size, now)
            if len(self._buckets) > MOST_CALLERS:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(caller_id)
        bucket.tokens = min(self._size, bucket.tokens + (now - bucket.at) * self._size / MINUTE)
        bucket.at = now
        if bucket.tokens < 1:
            seconds = math.ceil((1 - bucket.tokens) * MINUTE / self._size)
            raise TooManyRequests(
                f"More than {self._size:.0f} requests within a minute; try again in {seconds} s.", retry_after=seconds
            )
        bucket.tokens -= 1
