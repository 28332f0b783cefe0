"""The drawn data set: `demo` says what is in a picture, the other modules draw it."""
