"""Page set-up and navigation, nothing else: what runs at every visit, before the page that was asked for."""

from pages.parts.shared import frame

frame.open_app().run()
