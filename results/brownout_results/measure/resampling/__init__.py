"""Standard errors of figures: a block bootstrap over seconds, or repeated runs. See docs/comparing.md."""
