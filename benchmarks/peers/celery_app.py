"""Celery with a task that does nothing, set up as the product sets it up."""

import os

from celery import Celery

app = Celery("bare", broker=os.environ["REDIS_URL"])
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_default_queue="bare",
    broker_connection_retry_on_startup=True,
)


@app.task(name="bare.nothing")
def nothing(number: int) -> None:
    """Nothing."""
