"""When a run was first started and last resumed, and how long it has been at work in all, which its status says. Waiting doesn't count."""

from datetime import UTC, datetime

from catsdogs.runs.store import Run

_KEPT = ("started", "resumed", "seconds_at_work")


def now() -> str:
    """The moment, as JSON files have it."""
    return datetime.now(UTC).isoformat()


def begun(run: Run) -> dict[str, str]:
    """What the status of a run says that begins or is resumed now."""
    return {"started": run.status["started"], "resumed": now()} if "started" in run.status else {"started": now()}


def worked(run: Run, seconds: float) -> dict[str, float]:
    """What the status says of a run that has worked for so many seconds since it began or was resumed; `run` is as it was then."""
    before = at_work(run) if "started" in run.status else 0.0
    return {} if before is None else {"seconds_at_work": round(before + seconds, 1)}


def kept(run: Run) -> dict:
    """What stays in the status of a run that is queued again, or that ended without its worker."""
    known, seconds = {name: run.status[name] for name in _KEPT if name in run.status}, at_work(run)
    return known if seconds is None else {**known, "seconds_at_work": seconds}


def at_work(run: Run) -> float | None:
    """The seconds that it has been at work; None if unknown, since earlier versions stored only when it started and ended."""
    if "seconds_at_work" in run.status:
        return run.status["seconds_at_work"]
    if "resumed" in run.status or not {"started", "ended"} <= run.status.keys():
        return None
    started, ended = (datetime.fromisoformat(run.status[name]) for name in ("started", "ended"))
    return max(0.0, (ended - started).total_seconds())
