"""The limit on files and connections that this process and its children may have open at once."""

import resource

_MANY = 10_240  # the most on macOS, whose default of 256 is too few for a server: each tab of the last minutes takes three


def allow_many() -> None:
    """Raise the limit, as far as the system lets this user."""
    limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MANY if most == resource.RLIM_INFINITY else min(_MANY, most)
    if limit != resource.RLIM_INFINITY and limit < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
