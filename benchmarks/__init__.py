"""Measurements of memshelf beside what it is made of, in one run, as ratios of medians."""
