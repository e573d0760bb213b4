"""Handle notification: Put one message into a user's inbox."""

import asyncio
import json

from generated import NotificationPayload
from jobs.services import Documents, file_name
from memshelf import MISSING, Context, Job


async def handle(job: Job[NotificationPayload], context: Context) -> None:
    """Put one message into a user's inbox."""
    payload = job.payload
    message = {
        "id": str(job.id),
        "level": payload.level,
        "message": payload.message,
        "link": None if payload.link is MISSING else payload.link,
    }
    # One file per message, named by the job: a repeat writes the same file again, and no two writers meet.
    text = json.dumps(message, ensure_ascii=False, indent=2) + "\n"
    documents = context.get(Documents)
    path = await asyncio.to_thread(documents.write, f"inboxes/{payload.user_id}", f"{file_name(job.id)}.json", text)
    context.log.info("notification.delivered", file=path.name)
