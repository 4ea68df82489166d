"""The programs that a study leaves beside its model. They are copied as they are, and know nothing of tlkit."""
