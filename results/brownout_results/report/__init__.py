"""Reports of runs: what they hold, their charts, and one HTML file that needs nothing else."""
