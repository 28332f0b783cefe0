"""The application for programs: what `docs/openapi.json` describes."""
