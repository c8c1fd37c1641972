"""What happens, over days and weeks. Deterministic: time is `workflow.now()`, the world is an activity."""
