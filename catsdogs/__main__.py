"""The command line: `python -m catsdogs --help` lists what there is. Its words are in `cli.parser`, its work is in `cli.commands`.

Bad input ends with status 2 and one line that says what was given, what is allowed and what to do.
"""

import errno
import io
import os
import sys
import warnings

from catsdogs.errors import InputError
from catsdogs.system.words import printable


def main(words: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    warnings.filterwarnings("ignore", module=r"PIL\.")  # on odd images: what matters of them is in our own words
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names of files need not be valid UTF-8; JSON spells them the same way
    try:
        status = _run(words)
        print(end="", flush=True)  # Python would do so at its end, and print what goes wrong then
        return status
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        _discard_output()
        return 0
    except OSError as error:  # of a file or folder that was named, or of the home folder; without a name, of the output
        if error.filename is None and error.errno != errno.ENOSPC:
            raise
        _discard_output()
        where = error.filename or "The output can't be written"
        print(f"catsdogs: {printable(where)}: {error.strerror}.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # while waiting; a training hears it by itself
        return 130


def _run(words: list[str] | None) -> int:
    try:
        _require_current_folder()
        from catsdogs.cli import parser  # for a second or two, in which Ctrl-C ends it as quietly as later
        from catsdogs.system import notices

        arguments = parser.build().parse_args(words)
        try:
            return arguments.run(arguments) or 0
        finally:
            if arguments.has_reader:
                for text in notices.take():
                    print(f"catsdogs: {text}", file=sys.stderr)
    except InputError as error:
        print(f"catsdogs: {printable(f'{error} {error.hint}'.strip())}", file=sys.stderr)
        return 2
    except SystemExit as ended:  # of --help
        return ended.code


def _require_current_folder() -> None:
    try:
        os.getcwd()
    except FileNotFoundError:
        raise InputError("The current folder has been deleted. Change to another one.") from None


def _discard_output() -> None:
    """What is still buffered can't be written, and must not be tried again."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
