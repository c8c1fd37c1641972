"""Who is asking: a bearer token, or the session of somebody who signed in to the portal; and what that may reach."""
