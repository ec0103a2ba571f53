"""The lean client, against real servers, beside FastHttpUser."""
