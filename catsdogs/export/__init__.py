"""What leaves the application: a run as a ZIP file, as a stand-alone Keras script, and for other runtimes."""
