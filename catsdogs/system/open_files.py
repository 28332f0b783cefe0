"""How many files and connections this process, and those that it starts, may have open at once."""

import resource

_MANY = 10_240  # as many as macOS allows, where 256 are usual: too few for a server, which has three for each tab of the last minutes


def allow_many() -> None:
    """Raise the limit, as far as the system lets this user."""
    limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MANY if most == resource.RLIM_INFINITY else min(_MANY, most)
    if limit != resource.RLIM_INFINITY and limit < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
