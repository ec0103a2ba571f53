"""The load: Locust users, open-loop arrivals, load shapes, and the recorder of what came of them."""
