"""The retry budget: a token bucket that keeps retries a share of the traffic; see policy.BudgetPolicy."""

from threading import Lock

from . import policy


class Budget:
    """Tokens that requests deposit and retries withdraw; safe to share between threads and greenlets."""

    def __init__(self, settings: policy.BudgetPolicy) -> None:
        self.settings = settings
        self._tokens = float(settings.burst)
        self._lock = Lock()

    def deposit(self) -> None:
        """A request has come; what exceeds `burst` is lost."""
        with self._lock:
            self._tokens = min(self._tokens + self.settings.ratio, self.settings.burst)

    def withdraw(self) -> bool:
        """Pay for one retry. False: it must not happen."""
        with self._lock:
            if not self.settings.enabled:
                return True
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True
