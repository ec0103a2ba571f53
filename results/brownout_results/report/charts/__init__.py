"""Charts of a report, as documents for Plotly, and the data that they show."""
