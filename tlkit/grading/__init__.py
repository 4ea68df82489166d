"""Grade submissions: learners' code runs in a sandbox, the checks and all that they know stay outside of it."""
