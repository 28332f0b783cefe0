"""The command line: `python -m catsdogs --help` lists what there is. Its words are in `cli.parser`, its work is in `cli.commands`.

Bad input ends with status 2 and one line that says what was given, what is allowed and what to do.
"""

import io
import sys
import warnings

from catsdogs.cli import parser
from catsdogs.errors import InputError
from catsdogs.system import notices


def main(words: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    warnings.filterwarnings("ignore", module=r"PIL\.")  # on odd images: what matters of them is in our own words
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names of files need not be valid UTF-8; JSON spells them the same way
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
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        return 0
    except OSError as error:  # of a file or folder that was named, or of the home folder
        if error.filename is None:
            raise
        print(f"catsdogs: {error.filename}: {error.strerror}.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # while waiting; a training hears it by itself
        return 130


if __name__ == "__main__":
    sys.exit(main())
