"""Settings for all tests: properties are tried on the same examples everywhere, and never against the clock."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("bothways", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("bothways")
