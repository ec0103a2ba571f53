"""Run folders and what is made from them: statistics, comparison, figures, report, verdict."""
