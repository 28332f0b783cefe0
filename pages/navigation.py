"""Page set-up and navigation, nothing else: what runs at every visit, before the requested page."""

from pages.parts.shared import frame

frame.open_app().run()
