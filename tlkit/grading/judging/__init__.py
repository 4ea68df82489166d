"""From submissions to results: what a lesson asks for, one submission, a batch on this machine or on a cluster."""
