"""Page set-up and navigation, nothing else: what runs at every visit, before the requested page."""

from catsdogs.system.access import Refused
from catsdogs.system.shortage import DiskFull
from pages.parts.shared import frame

page = frame.open_app()
try:
    page.run()
except Refused as refused:
    frame.error(refused, ":material/block:")
except DiskFull as full:  # where a page can't even be opened without writing
    frame.error(full)
