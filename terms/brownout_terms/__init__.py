"""The ground floor: the words, units and places that the rooms share. Imports nothing of ours."""
