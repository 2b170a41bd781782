"""Stand-in services for tests; nothing here imports the library under test."""
