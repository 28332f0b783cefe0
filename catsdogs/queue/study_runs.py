"""The study's runs, queued. Which it takes, and what they say, is up to `analysis.studies`."""

from catsdogs.analysis import studies
from catsdogs.queue import jobs
from catsdogs.runs import Run
from catsdogs.system import home, locks


def queue(set_name: str, data: str, seeds: int) -> list[Run]:
    """Queue the runs that are missing; two requests at the same moment queue each only once.

    Raises InputError as `studies.missing` and `jobs.create` do.
    """
    with locks.hold(home.folder() / "study.lock"):
        return jobs.create(studies.missing(set_name, data, seeds))
