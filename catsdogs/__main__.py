"""The command line: `python -m catsdogs --help` lists what there is. Its words are in `cli.parser`, its work is in `cli.commands`.

Bad input ends with status 2 and one line that says what was given, what is allowed and what to do.
"""

import sys

from catsdogs.cli import parser
from catsdogs.errors import InputError
from catsdogs.system import notices


def main(words: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    try:
        arguments = parser.build().parse_args(words)
        try:
            return arguments.run(arguments) or 0
        finally:
            if arguments.has_reader:
                for text in notices.take():
                    print(f"catsdogs: {text}", file=sys.stderr)
    except InputError as error:
        print(f"catsdogs: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # while waiting; a training hears it by itself
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        return 0


if __name__ == "__main__":
    sys.exit(main())
