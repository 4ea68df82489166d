"""Values and objects across the pipe between the checks and a learner's code; nothing that comes back is believed."""
