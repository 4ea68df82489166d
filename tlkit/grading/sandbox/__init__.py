"""Walls around learners' code: what stands there, what may be seen behind them, and what runs there (`inside`)."""
