"""Locust as a worker that asks its master for the locustfile, with a folder of its own for it.

Locust keeps what it was sent under the locustfile's own name in the folder for temporary files, which all
workers of a machine share: one that reads the file while another writes it finds no users and ends, or has
those of another master.
"""

from brownout.locust_main import run

if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory(prefix="brownout-worker-", ignore_cleanup_errors=True) as folder:
        tempfile.tempdir = folder
        run()
