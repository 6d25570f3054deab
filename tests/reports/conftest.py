"""The fixtures of an outsider, for all tests of the doors."""

from tests.reports.outsider import alone, guarded, password, studio

__all__ = ["alone", "guarded", "password", "studio"]
