"""The few errors and warnings of the workbook.

Every message says where, what, what was expected and what to do, in one line a person can act on.
"""


class SosrakeError(Exception):
    """Base of all errors a user can mend; the command line prints its message without a traceback."""


class FrameError(SosrakeError):
    """An indicator frame breaks its contract (column, key, type, status)."""


class RegionError(SosrakeError):
    """A region code is unknown, ceased, or read with the wrong level or year."""


class CatalogueError(SosrakeError):
    """An indicator, theme, instrument or standard population is not in the catalogue."""


class ParameterError(SosrakeError):
    """A notebook, address line or widget asks for something `parameters.toml` does not allow."""


class GatherError(SosrakeError):
    """A source or a file cannot be read or trusted."""


class DisclosureError(SosrakeError):
    """Publishing would give a person away, or clash with what has been published."""


class BatchError(SosrakeError):
    """The plan cannot be run, or a notebook of it failed."""


class SosrakeWarning(UserWarning):
    """Base of the workbook's warnings."""


class StaleDataWarning(SosrakeWarning):
    """A source did not answer; older stored data is used and its age is said."""


class SmallSampleWarning(SosrakeWarning):
    """A method works on fewer observations than it needs to be trusted."""
