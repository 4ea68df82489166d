"""Submissions that try to be graded for something else than an answer, and to hurt the grader or other submissions."""
