"""Page set-up and navigation, nothing else: what runs at every visit, before the requested page."""

from catsdogs.errors import InputError
from catsdogs.system.access import Refused
from pages.parts.shared import frame

try:
    frame.open_app().run()
except (InputError, FileNotFoundError) as error:  # a full disk; a run that another person has deleted while the page was drawn
    frame.error(error, ":material/block:" if isinstance(error, Refused) else ":material/error:")
