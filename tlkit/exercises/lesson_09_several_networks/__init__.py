"""The exercises of lesson 9, several networks, in order."""

from tlkit.exercises.lesson_09_several_networks import (
    left_out_rows,
    members_that_fit,
    rows_unseen,
    same_groups,
    soups,
    spread_of_members,
    temperatures,
    votes_by_name,
)

__all__ = ["EXERCISES"]

EXERCISES = (
    votes_by_name.VOTE,
    spread_of_members.SPREAD,
    rows_unseen.OUT_OF_FOLD,
    left_out_rows.OUT_OF_BAG,
    soups.SOUP,
    temperatures.TEMPERATURE,
    members_that_fit.TEAM,
    same_groups.GROUPS,
)
