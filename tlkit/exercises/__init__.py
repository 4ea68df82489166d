"""The exercises: each lesson has a room here, named like its notebook: `lesson_03_negative_transfer` for lesson 3.

A room lists its exercises in order (`__init__.py`). What the notebook and an answer in the sandbox may see is in
`shown.py`; the properties are in files named for what they judge. Everything except `shown.py` is hidden from answers.
"""
