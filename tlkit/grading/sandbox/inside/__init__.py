"""What runs inside of the sandbox. Nothing here decides points, and nothing here knows an answer."""
