"""What leaves the application: a run as a ZIP file and as a stand-alone Keras script."""
